"""Addresses on messaging networks, where conversations go out, what became of each message."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("messages", sa.Column("answers", sa.Integer))
    op.create_table(
        "addresses",
        sa.Column("channel", sa.String(16), primary_key=True),
        sa.Column("chat", sa.String(64), primary_key=True),
        sa.Column("sender", sa.String(64), primary_key=True),
        sa.Column("thread", sa.String(64), primary_key=True),
        sa.Column("conversation_id", sa.String(32), nullable=False, index=True),
    )
    op.create_table(
        "routes",
        sa.Column("conversation_id", sa.String(32), primary_key=True),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("chat", sa.String(64), nullable=False),
        sa.Column("sender", sa.String(64), nullable=False),
        sa.Column("thread", sa.String(64), nullable=False),
        sa.Column("private", sa.String(64)),
        sa.Column("blocked", sa.Boolean, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
    )
    op.create_table(
        "deliveries",
        sa.Column("conversation_id", sa.String(32), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("sent", sa.Integer, nullable=False),
        sa.Column("why", sa.String(255)),
        sa.Column("network_id", sa.String(128), index=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "groups",
        sa.Column("channel", sa.String(16), primary_key=True),
        sa.Column("chat", sa.String(64), primary_key=True),
        sa.Column("leader", sa.String(64)),
        sa.Column("language", sa.JSON),
    )


def downgrade() -> None:
    for table in ("groups", "deliveries", "routes", "addresses"):
        op.drop_table(table)
    op.drop_column("messages", "answers")
