"""The one page of the codec server: signing in and out. It loads nothing and runs nothing."""

import base64
import hashlib
from html import escape

_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:24rem;margin:4rem auto;padding:0 1rem;color:#1a1a1a}"
    "label{display:block;margin:1rem 0 .25rem}input{font:inherit;width:100%;padding:.5rem;box-sizing:border-box}"
    "button{font:inherit;margin-top:1.5rem;padding:.5rem 1.5rem}[role=alert]{color:#a00000}"
)
STYLE_HASH = "sha256-" + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
"""Lets a browser use this style and no other."""


def sign_in_page(problem: str | None = None) -> str:
    said = f'<p role="alert">{escape(problem)}</p>' if problem else ""
    return _page(
        "Sign in",
        "<p>Who signs in here reads in the Temporal UI what applications say of people. It is written down.</p>"
        f"{said}"
        '<form method="post" action="/sign-in"><label for="name">Name</label>'
        '<input id="name" name="name" autocomplete="username" required autofocus>'
        '<label for="password">Password</label>'
        '<input id="password" name="password" type="password" autocomplete="current-password" required>'
        "<button>Sign in</button></form>",
    )


def signed_in_page(name: str, ui: str) -> str:
    return _page(
        "Signed in",
        f'<p>Signed in as <b>{escape(name)}</b>, for eight hours at most. Go on in the <a href="{escape(ui)}">'
        'Temporal UI</a>.</p><form method="post" action="/sign-out"><button>Sign out</button></form>',
    )


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} · Tirek codec server</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><main><h1>{title}</h1>{body}</main></body></html>"
    )
