"""The bound on a sample's processes and threads: none starts before the lane's supervisor has allowed it.

The runners' filter (call_filter.py) holds a fork until the supervisor has answered (seccomp_unotify(2)). So nothing
forks faster than its supervisor looks, and nothing forks at all while the supervisor kills.
"""

import errno
import fcntl
import os
import select
import socket
import struct

from . import descriptors, processes

MOST = 256  # processes and threads of a sample that may exist at once, its runner among them
FAILURE = {"status": "raised", "type": "TooManyProcesses", "traceback": "",
           "message": f"the generator started more than {MOST} processes and threads; allowed: at most {MOST}"}

# struct seccomp_notif begins with an id; struct seccomp_notif_resp is id, value, error, flags.
_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_QUESTION_BYTES, _ANSWER = 80, "=QqiI"
_CONTINUE = 1


class ProcessLimit:
    """The limit of one lane, which its supervisor holds; ``fileno`` is readable when a process waits for an answer.

    exceeded: whether one was refused since this was last set to False.
    """

    def __init__(self):
        self.exceeded = False
        self._free = 0
        # A runner makes the listener itself: it comes up over this.
        pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._mine, self._runners = (socket.socket(fileno=descriptors.keep(end.detach())) for end in pair)
        poll = select.epoll()
        self._poll = select.epoll.fromfd(descriptors.keep(os.dup(poll.fileno())))
        poll.close()
        self._poll.register(self._mine, select.EPOLLIN)

    def fileno(self):
        return self._poll.fileno()

    @property
    def runners_end(self):
        """The descriptor that a runner needs for hand_over."""
        return self._runners.fileno()

    def hand_over(self, listener):
        """In a runner: gives the listener away, and all that could get it back. Raises OSError."""
        socket.send_fds(self._runners, [b"\n"], [listener])
        os.close(listener)
        descriptors.close(self.runners_end)

    def serve(self, spare):
        """Answers one waiting process of each runner. spare: pids that do not count, nor does what is below them."""
        for number, events in self._poll.poll(0):
            if number == self._mine.fileno():
                _, listeners, _, _ = socket.recv_fds(self._mine, 1, 1)
                for listener in listeners:
                    self._poll.register(descriptors.keep(listener), select.EPOLLIN)
            elif events & select.EPOLLIN:
                self._answer(number, spare)
            else:
                # All that could ask have ended. (Asked for a question, the kernel would wait for ever.)
                self._poll.unregister(number)
                descriptors.close(number)

    def _answer(self, listener, spare):
        question = bytearray(_QUESTION_BYTES)
        try:
            fcntl.ioctl(listener, _RECEIVE, question)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.EINTR):
                return  # it was killed, or will be asked again
            raise
        error, flags = (0, _CONTINUE) if self._allows(spare) else (-errno.EAGAIN, 0)
        answer = struct.pack(_ANSWER, *struct.unpack_from("=Q", question), 0, error, flags)
        while True:
            try:
                fcntl.ioctl(listener, _SEND, answer)
                return
            except InterruptedError:
                pass  # not sent: nobody else would answer
            except OSError as error:
                if error.errno == errno.ENOENT:
                    return  # it was killed
                raise

    def _allows(self, spare):
        # What was counted can only have become less, so it is counted again only when all that was free is given away.
        if not self._free:
            self._free = max(0, MOST - processes.task_count(os.getpid(), spare))
        self.exceeded = self.exceeded or not self._free
        self._free = max(0, self._free - 1)
        return not self.exceeded
