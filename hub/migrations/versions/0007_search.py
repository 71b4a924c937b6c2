"""Messages' words in the one spelling that is searched, also of those that are there."""

import sqlalchemy as sa
from alembic import op

from bot.scripts import searchable

revision = "0007"
down_revision = "0006"

AT_ONCE = 1000


def upgrade() -> None:
    words = op.create_table(
        "message_words",
        sa.Column("conversation_id", sa.String(32), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("words", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    messages = sa.table(
        "messages", sa.column("conversation_id"), sa.column("seq"), sa.column("text")
    )
    connection = op.get_bind()
    said = connection.execute(sa.select(messages))
    while rows := said.fetchmany(AT_ONCE):
        connection.execute(
            words.insert(),
            [
                {"conversation_id": row[0], "seq": row[1], "words": searchable(row[2])}
                for row in rows
            ],
        )


def downgrade() -> None:
    op.drop_table("message_words")
