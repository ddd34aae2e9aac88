"""``python -m api.http.openapi``: the API's description, for ``docs/openapi.json``."""

import sys

from api.http.app import ENDPOINTS
from api.http.openapi.document import rendered

sys.stdout.write(rendered(ENDPOINTS))
