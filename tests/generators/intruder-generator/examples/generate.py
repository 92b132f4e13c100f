"""Tries, for odd seeds, what no generator may: each seed another thing. Even seeds draw a sample."""

import argparse
import os
import signal
import socket
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE.parent / "_shared"))

import tiny_samples

# <data>/scratch/<process>/lanes/<lane>/generators/<this>: the folder that holds all of the server's on the local engine.
LANE = HERE.parents[1]
DATA = LANE.parents[3]


def parent(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


SUPERVISOR = os.getppid()
ZYGOTE = parent(SUPERVISOR)
SERVER = parent(ZYGOTE)


def write(path):
    path.write_text("intruded")


def bind():
    socket.create_server(("127.0.0.1", 0))


INTRUSIONS = {
    "queue": lambda asked: (DATA / "queue.db").read_bytes(),
    "another-job": lambda asked: (DATA / "store/jobs/other/prompt.txt").read_text(),
    "credentials": lambda asked: (DATA / "home/.aws/credentials").read_text(),
    "environment": lambda asked: Path(f"/proc/{SERVER}/environ").read_bytes(),
    "beside": lambda asked: write(DATA / "beside.txt"),
    "own-lane": lambda asked: write(LANE / "beside.txt"),
    "connect": lambda asked: socket.create_connection(("127.0.0.1", asked.port)),
    "bind": lambda asked: bind(),
    "kill-supervisor": lambda asked: os.kill(SUPERVISOR, signal.SIGKILL),
    "kill-zygote": lambda asked: os.kill(ZYGOTE, signal.SIGKILL),
    "kill-server": lambda asked: os.kill(SERVER, signal.SIGKILL),
    "other-lanes": lambda asked: os.listdir(LANE.parent),
    "link": lambda asked: (HERE / "outside.json").read_text(),
}

parser = argparse.ArgumentParser()
parser.add_argument("--num-samples", type=int, required=True)
parser.add_argument("--seed", type=int, default=42)
parser.add_argument("--output", type=Path, default=Path("data/questions"))
parser.add_argument("--port", type=int, default=8080, help="where the server listens")
asked = parser.parse_args()
if asked.seed % 2:
    name = list(INTRUSIONS)[asked.seed // 2 % len(INTRUSIONS)]
    print("intrusion:", name)
    INTRUSIONS[name](asked)
    sys.exit(f"{name} was not refused")
tiny_samples.write(asked, "intruder")
