"""Who said and received what, who spoke from when on, translations, escalated alarms, OIDC."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column(
        "conversations", sa.Column("received", sa.Integer, nullable=False, server_default="0")
    )
    op.add_column("messages", sa.Column("officer", sa.Integer))
    op.add_column("emergencies", sa.Column("escalated_at", sa.DateTime(timezone=True)))
    op.add_column("officers", sa.Column("oidc_subject", sa.String(255)))
    op.create_index("officers_oidc_subject", "officers", ["oidc_subject"], unique=True)
    op.create_table(
        "owner_changes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("conversation_id", sa.String(32), nullable=False, index=True),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("what", sa.String(16)),
        sa.Column("owner", sa.String(16), nullable=False),
        sa.Column("officer", sa.Integer),
        sa.Column("reason", sa.String(16)),
        sa.Column("closed", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told", sa.Boolean, nullable=False, index=True),
    )
    op.create_table(
        "translations",
        sa.Column("conversation_id", sa.String(32), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("language", sa.String(8), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("translations")
    op.drop_table("owner_changes")
    op.drop_index("officers_oidc_subject", "officers")
    op.drop_column("officers", "oidc_subject")
    op.drop_column("emergencies", "escalated_at")
    op.drop_column("messages", "officer")
    op.drop_column("conversations", "received")
