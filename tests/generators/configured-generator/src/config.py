"""What the samples look like."""

from typing import Literal, Optional

from core.base import GenerationConfig
from pydantic import Field

FEWEST = 2


class TaskConfig(GenerationConfig):
    domain: str = Field(default="configured")
    grid_size: int = Field(default=3)
    num_dots: int = Field(default=4, ge=FEWEST, le=9, description="Dots in the picture")
    speed: float = Field(1.5, gt=0)
    style: Literal["plain", "striped"] = "plain"
    tilt: Optional[float] = Field(default=None, description="Degrees; none for a random tilt")
    colours: list = Field(default_factory=lambda: [(1, 2, 3)])
    table: object = Field(default=None)
    weights: dict[str, float] = {"a": 0.5}

    def told(self):
        if self.difficulty == "impossible":
            raise ValueError("nothing is that hard")
        if not self.weights:
            raise ValueError("nothing weighs anything")
        return " ".join(repr(value) for value in (
            self.grid_size, self.num_dots, self.speed, self.style, self.tilt, self.colours, self.image_size, self.difficulty))
