"""Which tables hold officers, their sign-ins and what they did."""

from __future__ import annotations

import sqlalchemy as sa

from hub.database import OUTLIVES, metadata

officers = sa.Table(
    "officers",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("login", sa.String(32), nullable=False, unique=True),
    sa.Column("password_hash", sa.String(255)),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("number", sa.String(16), nullable=False),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("name_shown", sa.Boolean, nullable=False),
    sa.Column("languages", sa.JSON, nullable=False),
    sa.Column("totp_secret", sa.String(64)),
    sa.Column("totp_used", sa.Integer),
    sa.Column("presence", sa.String(16), nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("oidc_subject", sa.String(255), unique=True),
)
"""Never deleted, only disabled. ``totp_used`` is the time step of the last code taken,
``oidc_subject`` who signs in by OpenID Connect."""

desk_sessions = sa.Table(
    "desk_sessions",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("officer_id", sa.Integer, sa.ForeignKey("officers.id"), nullable=False, index=True),
    sa.Column("csrf", sa.String(64), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
)

invitations = sa.Table(
    "invitations",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("officer_id", sa.Integer, sa.ForeignKey("officers.id"), nullable=False, index=True),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
)
"""One-time links that set or reset a password."""

sign_in_failures = sa.Table(
    "sign_in_failures",
    metadata,
    sa.Column("login_hash", sa.String(64), primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
)
"""Counted for any login, so that a lock tells nothing about which ones exist; hashed, since a
password is sometimes typed into the wrong field."""

audit_log = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("officer_id", sa.Integer, sa.ForeignKey("officers.id")),
    sa.Column("what", sa.String(32), nullable=False),
    sa.Column("conversation_id", sa.String(32), index=True),
    sa.Column("detail", sa.JSON, nullable=False),
    info=OUTLIVES,
)
"""Who did what at the desk; outlives the conversations that it names."""

reads = sa.Table(
    "reads",
    metadata,
    sa.Column("conversation_id", sa.String(32), primary_key=True),
    sa.Column("officer_id", sa.Integer, sa.ForeignKey("officers.id"), primary_key=True),
    sa.Column("seq", sa.Integer, nullable=False),
)
"""How far an officer has read a conversation."""
