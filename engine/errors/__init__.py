"""All errors that the user sees, in one module for each part that raises them.

A new error is a class in its module and a name in the module's `__all__`.
"""

from __future__ import annotations

from engine.errors.base import *  # noqa: F403
from engine.errors.conditions import *  # noqa: F403
from engine.errors.data import *  # noqa: F403
from engine.errors.files import *  # noqa: F403
from engine.errors.going_back import *  # noqa: F403
from engine.errors.numeric import *  # noqa: F403
from engine.errors.run import *  # noqa: F403
from engine.errors.session import *  # noqa: F403
