"""How many wait at each lane; when a call for help got its place, and when it was over."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "lane_figures",
        sa.Column("lane", sa.String(32), primary_key=True),
        sa.Column("waiting", sa.Integer),
        sa.Column("minutes", sa.Integer),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("officer", sa.Integer, nullable=False),
    )
    op.add_column("emergencies", sa.Column("placed_at", sa.DateTime(timezone=True)))
    op.add_column("emergencies", sa.Column("closed_at", sa.DateTime(timezone=True)))
    op.add_column("emergencies", sa.Column("closed_by", sa.Integer))


def downgrade() -> None:
    for column in ("closed_by", "closed_at", "placed_at"):
        op.drop_column("emergencies", column)
    op.drop_table("lane_figures")
