"""Until when a messaging network takes answers."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("routes", sa.Column("open_until", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("routes", "open_until")
