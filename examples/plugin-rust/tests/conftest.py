import json
from pathlib import Path

import pytest
import tallystick as ts
from tallystick_poseidon2 import POSEIDON2_BN254

VECTORS = Path(__file__).parent / "vectors" / "poseidon2.json"


@pytest.fixture(scope="session")
def poseidon2() -> ts.Hash:
    return ts.hashes.from_plugin(POSEIDON2_BN254)


@pytest.fixture(scope="session")
def vectors() -> dict[str, list[dict]]:
    return json.loads(VECTORS.read_text())
