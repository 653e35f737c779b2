"""The portal: create_app() wires it together, from top to bottom."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask import Flask
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import Connection
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from portal import auditing, clock, errors, front, helping, lists, office, pages, reaching
from portal.accounts import guard
from portal.accounts import managing as managing_views
from portal.accounts import views as accounts_views
from portal.blobs import Folder, Store
from portal.checking import LOOPBACK
from portal.database import Database
from portal.equality import managing as collections_views
from portal.equality import needs
from portal.equality import views as equality_views
from portal.following import Following
from portal.forms import FORMS
from portal.incidents import (
    across_cases,
    call_sheet,
    case_people,
    collecting,
    coming_back,
    erasure_pages,
    evidence_pages,
    handing_over,
    letting_oneself_in,
    partners,
    posting,
    sharing,
    writing,
)
from portal.incidents import deciding as case_steps
from portal.incidents import desk as cases
from portal.incidents import exceptions as case_exceptions
from portal.incidents import explaining as case_help
from portal.intake import afterwards, attaching, beforehand, journey, leaving, reply, sending, steps, talking
from portal.intake.drafts import Drafts
from portal.intake.submissions import Receivers
from portal.interpreting import (
    calling,
    choosing,
    deciding,
    desk,
    explaining,
    feed,
    following_up,
    offering,
    on_duty,
    other_languages,
    own,
    own_times,
    own_visits,
    placing,
    providers,
    publishing,
    signing_off,
    weeks,
)
from portal.interpreting import register as interpreters_register
from portal.keying import scanning, screen, settling
from portal.keying import views as keying_views
from portal.paper import managing as paper_out
from portal.paper import views as paper_views
from portal.questions import Form
from portal.receiving import LIVING, RECEIVERS, REPLIES
from portal.sealing import KeyRing
from portal.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__version__ = "0.1.0"


@dataclass(frozen=True, slots=True)
class Portal:
    """What the views work with."""

    settings: Settings
    database: Database
    ring: KeyRing
    drafts: Drafts
    following: Following
    """The forms, whose lists follow what administrators change."""
    receivers: Receivers
    """What a form's arrival starts besides the submission."""
    replies: Mapping[str, str]
    """Key of a form -> where somebody with its code goes on, for forms that have a page for it."""
    living: Mapping[str, Callable[[Connection, bytes], bool]]
    """Key of a form -> whether a code of it still opens anything, for forms whose codes end by themselves."""
    private: frozenset[str]
    """The words in the addresses of forms that it can be unsafe to be seen with."""
    store: Store
    """Where the sealed files lie that people attach."""
    made_pages: dict[Hashable, str] = field(default_factory=dict)
    """Pages that hold nothing of anybody's, made once."""

    @property
    def forms(self) -> tuple[Form, ...]:
        """Every edition, with what its lists offer now."""
        return self.following.now().offered

    @property
    def known_forms(self) -> tuple[Form, ...]:
        """Every edition, with all that its lists ever offered."""
        return self.following.now().known

    @property
    def asked(self) -> Mapping[str, Form]:
        """The edition asked today, as this landlord uses it, by the word in its address."""
        return self.following.now().asked


LONGEST_POST = 256 * 1024
"""Bytes of a form that a page takes. The longest answer has 20,000 letters of up to 12 bytes each."""


def create_app(settings: Settings, database: Database, ring: KeyRing, forms: Iterable[Form] = FORMS) -> Flask:
    """The web application for these settings, on this database, with these keys."""
    app = Flask("portal", static_folder=None)
    # one address a page, and none that only redirects: Flask's own redirect page would be English
    app.url_map.strict_slashes = app.url_map.merge_slashes = False
    app.config.update(
        SECRET_KEY=ring.secret("session"),
        SESSION_COOKIE_NAME=f"{'__Host-' if settings.https else ''}session",
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        TRUSTED_HOSTS=[settings.host, *(sorted(LOOPBACK) if settings.host in LOOPBACK else ())],
        MAX_CONTENT_LENGTH=LONGEST_POST,
        MAX_FORM_MEMORY_SIZE=LONGEST_POST,
        MAX_FORM_PARTS=200,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        TEMPLATES_AUTO_RELOAD=False,
    )
    forms = tuple(forms)
    following = Following(database, forms, settings.variants)
    asked = following.defined.asked
    for form in asked.values():
        steps.refuse_our_names(form)
    app.extensions["portal"] = Portal(
        settings,
        database,
        ring,
        Drafts(database, ring),
        following,
        RECEIVERS,
        REPLIES,
        LIVING,
        frozenset(address for address, form in asked.items() if form.private),
        Folder(settings.files),
    )
    Babel(app, locale_selector=lambda: pages.spoken().language.code)
    guard.prepare(app)  # before all else: nobody learns which addresses of the office there are
    pages.prepare(app)
    attaching.prepare(app)  # before the CSRF guard, which reads what was sent
    scanning.prepare(app)
    CSRFProtect(app)
    for blueprint in (
        front.blueprint,
        journey.blueprint,
        beforehand.blueprint,
        talking.blueprint,
        leaving.blueprint,
        sending.blueprint,
        afterwards.blueprint,
        reply.blueprint,
        following_up.blueprint,
        coming_back.blueprint,
        writing.blueprint,
        equality_views.blueprint,
        office.blueprint,
        helping.blueprint,
        paper_out.blueprint,
        keying_views.blueprint,
        screen.blueprint,
        scanning.blueprint,
        settling.blueprint,
        collections_views.blueprint,
        needs.blueprint,
        managing_views.blueprint,
        auditing.blueprint,
        lists.blueprint,
        choosing.blueprint,
        other_languages.blueprint,
        own.blueprint,
        own_visits.blueprint,
        own_times.blueprint,
        signing_off.blueprint,
        feed.blueprint,
        on_duty.blueprint,
        calling.blueprint,
        providers.blueprint,
        publishing.blueprint,
        reaching.blueprint,
        call_sheet.blueprint,
        posting.blueprint,
        partners.blueprint,
        sharing.blueprint,
        handing_over.blueprint,
        collecting.blueprint,
        desk.blueprint,
        deciding.blueprint,
        offering.blueprint,
        placing.blueprint,
        weeks.blueprint,
        explaining.blueprint,
        interpreters_register.blueprint,
        case_people.blueprint,
        letting_oneself_in.blueprint,
        case_help.blueprint,
        case_exceptions.blueprint,
        erasure_pages.blueprint,
        across_cases.blueprint,
        cases.blueprint,
        case_steps.blueprint,
        evidence_pages.blueprint,
        accounts_views.blueprint,
        paper_views.blueprint,
    ):
        app.register_blueprint(blueprint)
    errors.prepare(app)
    _close(app, settings)
    _serve_files(app, settings)
    return app


def _close(app: Flask, settings: Settings) -> None:
    """Every request is answered knowing on which days this landlord is closed."""
    answer, days = app.wsgi_app, settings.closed

    def answered(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        with clock.closed_on(days):
            return answer(environ, start)

    app.wsgi_app = answered  # type: ignore[assignment, method-assign]


def _serve_files(app: Flask, settings: Settings) -> None:
    """Built assets, compressed beforehand and kept for ever by browsers; strict headers around all."""
    files = WhiteNoise(
        app.wsgi_app,
        root=pages.STATIC,
        prefix="static/",
        max_age=60,
        immutable_file_test=lambda path, url: url.count(".") == 2,
        allow_all_origins=False,
    )
    app.wsgi_app = pages.StrictHeaders(files, settings.https)  # type: ignore[method-assign]
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=0
        )
