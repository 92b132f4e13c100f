"""What every configuration has."""

from pathlib import Path
from typing import Optional

from pydantic import BaseModel


class GenerationConfig(BaseModel):
    num_samples: int
    domain: str
    difficulty: Optional[str] = None
    random_seed: Optional[int] = None
    output_dir: Path = Path("data/questions")
    image_size: tuple[int, int] = (400, 300)
