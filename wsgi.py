"""The portal for any WSGI server: `gunicorn wsgi:app`. Run `portal migrate` before the first start."""

import os

from portal.serving import open_portal
from portal.settings import load

app = open_portal(load(os.environ))
