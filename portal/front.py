"""The front door: the language panel, the start page, help, privacy, accessibility, and am-I-well pages."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response
from markupsafe import Markup

from portal.keeping import keys_in_use
from portal.languages import HELP, LANGUAGES, template
from portal.migrating import is_current
from portal.pages import bind, filled, render, render_once, settings, state

blueprint = Blueprint("front", __name__)


@blueprint.get("/")
def panel() -> Response:
    """Every language in its own name and script, each with its help statement."""
    bind(settings().languages[0])
    number = Markup('<bdi dir="ltr">%s</bdi>') % settings().phone
    cells = [
        {
            "language": LANGUAGES[code],
            "help": filled(template(HELP, code), [("phone", number)]),
        }
        for code in settings().languages
    ]
    return render("front/panel.html", cells=cells)


@blueprint.get("/<language>/")
def start(language: str) -> Response:
    forms = state().asked.values()
    return render_once("front/start.html", "", (), lambda: {"forms": forms})


@blueprint.get("/<language>/help")
def help(language: str) -> Response:
    return render_once("front/help.html", "help")


@blueprint.get("/<language>/privacy")
def privacy(language: str) -> Response:
    return render_once("front/privacy.html", "privacy", (), _about_drafts)


@blueprint.get("/<language>/accessibility")
def accessibility(language: str) -> Response:
    return render_once("front/accessibility.html", "accessibility", (), _about_drafts)


def _about_drafts() -> dict[str, Any]:
    """Whether a form keeps what is not sent for less than the day that these pages speak of."""
    return {"private": bool(state().private)}


@blueprint.get("/brand.css")
def brand() -> Response:
    """The landlord's own colour, where it differs from the built stylesheet's."""
    response = Response(f":root{{--brand:{settings().brand}}}\n", mimetype="text/css")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


@blueprint.get("/healthz")
def healthz() -> Response:
    """Whether this process answers."""
    return Response("alive\n", mimetype="text/plain")


@blueprint.get("/readyz")
def readyz() -> Response:
    """Whether database, migrations and keys are there."""
    portal = state()
    ready = is_current(portal.database) and keys_in_use(portal.database) <= portal.ring.names()
    return Response("ready\n" if ready else "not ready\n", 200 if ready else 503, mimetype="text/plain")


@blueprint.get("/robots.txt")
def robots() -> Response:
    return Response("User-agent: *\nDisallow: /\nAllow: /$\n", mimetype="text/plain")
