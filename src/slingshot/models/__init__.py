"""Who is asked: base models, local servers, and any OpenAI-compatible endpoint."""

from slingshot.models.ask import Endpoint, Sampling, ask
from slingshot.models.conversation import Conversation
from slingshot.models.server import serving

__all__ = ["Conversation", "Endpoint", "Sampling", "ask", "serving"]
