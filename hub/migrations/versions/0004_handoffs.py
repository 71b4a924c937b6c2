"""Who speaks in a conversation, when a person was asked for, and officers' notes."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for column in (
        sa.Column("officer", sa.Integer),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.String(16)),
        sa.Column("since", sa.DateTime(timezone=True)),
        sa.Column("wanted", sa.String(32)),
        sa.Column("closed", sa.Boolean, nullable=False, server_default=sa.false()),
    ):
        op.add_column("conversations", column)
    op.add_column("emergencies", sa.Column("acknowledged_at", sa.DateTime(timezone=True)))
    op.add_column("emergencies", sa.Column("acknowledged_by", sa.Integer))
    op.create_table(
        "handoffs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("key", sa.String(128), nullable=False, unique=True),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_handoffs_conversation_id", "handoffs", ["conversation_id"])
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("officer", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_notes_conversation_id", "notes", ["conversation_id"])


def downgrade() -> None:
    op.drop_table("notes")
    op.drop_table("handoffs")
    op.drop_column("emergencies", "acknowledged_by")
    op.drop_column("emergencies", "acknowledged_at")
    for name in ("closed", "wanted", "since", "reason", "lease_until", "officer"):
        op.drop_column("conversations", name)
