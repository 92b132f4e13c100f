"""What happens to the server: kills, and stops of a Python process below it."""

import os
import random
import signal
import time

import processes


class Faults:
    """A shuffled plan; each fault comes a random time after the one before."""

    def __init__(self, server, chance: random.Random, kills: int, stops: int, say):
        self._server, self._chance, self._say = server, chance, say
        self.left = ["kill"] * kills + ["stop"] * stops
        chance.shuffle(self.left)
        self._total = len(self.left)
        self._next = time.monotonic() + 3

    def step(self, deadline: float) -> None:
        if time.monotonic() < self._next:
            time.sleep(0.05)
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"{len(self.left)} faults are left")
        kind = self.left.pop()
        number = self._total - len(self.left)
        if kind == "kill":
            self._server.kill()
            # Sometimes two in a row: a start is no safe place either.
            if self.left and self.left[-1] == "kill" and self._chance.random() < 0.2:
                self.left.pop()
                self._server.start()
                self._server.kill()
                self._say(f"fault {number} and {number + 1} of {self._total}: SIGKILL of the server, and again at its start")
            else:
                self._say(f"fault {number} of {self._total}: SIGKILL of the server")
            self._server.start()
        else:
            self._stop(f"fault {number} of {self._total}")
        self._next = time.monotonic() + self._chance.uniform(0.3, 5)

    def _stop(self, name: str) -> None:
        found = processes.below(self._server.process.pid)
        # The zygote is the first; it, a lane and a runner are met about as often.
        end = time.monotonic() + 20
        while not found and time.monotonic() < end:
            time.sleep(0.1)
            found = processes.below(self._server.process.pid)
        if not found:
            self._say(f"{name}: no Python process is there to stop")
            return
        chosen = found[0] if self._chance.random() < 0.25 else self._chance.choice(found)
        try:
            os.kill(chosen, signal.SIGSTOP)
            self._say(f"{name}: SIGSTOP of {'the zygote' if chosen == found[0] else 'a process below the zygote'} ({len(found)} there)")
        except ProcessLookupError:
            self._say(f"{name}: the chosen process has just ended")
