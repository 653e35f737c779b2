"""Every table there is, in one place, for migrations and backups."""

from __future__ import annotations

import portal.analysis.models
import portal.equality.models
import portal.intake.models
import portal.paper.models
from portal.database import Base

__all__ = ["Base", "portal"]
