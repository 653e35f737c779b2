"""The portal for any WSGI server: `gunicorn wsgi:app`. Run `portal migrate` before the first start."""

import os

from portal import logs
from portal.serving import open_portal
from portal.settings import load

logs.to_stderr()
app = open_portal(load(os.environ))
