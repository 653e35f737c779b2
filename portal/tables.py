"""Every table there is, in one place, for migrations and backups."""

from __future__ import annotations

import portal.accounts.models
import portal.analysis.models
import portal.audit
import portal.contact
import portal.equality.models
import portal.files
import portal.incidents.deadlines
import portal.incidents.erasure_steps
import portal.incidents.evidence
import portal.incidents.exchange
import portal.incidents.interpreters
import portal.incidents.models
import portal.incidents.promises
import portal.incidents.shared
import portal.incidents.surveys
import portal.incidents.teams
import portal.incidents.tombstones
import portal.intake.models
import portal.interpreting.calls
import portal.interpreting.coding
import portal.interpreting.documents
import portal.interpreting.models
import portal.interpreting.open_questions
import portal.interpreting.panels
import portal.interpreting.rota
import portal.keying.models
import portal.messages
import portal.outbox
import portal.paper.models
import portal.registers
import portal.throttles
from portal.database import Base

__all__ = ["Base", "portal"]
