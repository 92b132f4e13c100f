"""A filter of system calls (seccomp(2)) for what Landlock leaves open: sockets other than TCP's, the modes and
owners of any file of the same user, limits of the user's other processes, and kernel objects without a path. It also
has the supervisor asked before a process or thread starts (process_limit.py).
"""

import ctypes
import errno
import os
import struct

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
_SET_MODE_FILTER = 1
_SPEC_ALLOW = 4  # older kernels would slow a filtered process down against Spectre otherwise
# With the second flag no signal makes a fork fail that is being answered (Linux 5.19). The last one changes nothing
# here, but a kernel that knows it lets a listener answer that a call may go on (5.5).
_NEW_LISTENER, _WAIT_KILLABLE, _TSYNC_ESRCH = 8, 32, 16

# BPF: load a word, bitwise and, jump if equal, jump if at least, return.
_LOAD, _AND, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_ALLOW, _ERRNO, _ASK = 0x7FFF0000, 0x00050000, 0x7FC00000
_NUMBER, _ARCHITECTURE = 0, 4  # offsets in struct seccomp_data
_UNIX, _STREAM, _SEQPACKET, _TYPES = 1, 1, 5, 0xF

# What uname calls it: (audit's number of it, seccomp's number, column in the tables below).
_MACHINES = {"x86_64": (0xC000003E, 317, 0), "aarch64": (0xC00000B7, 277, 1)}

# Numbers on x86_64 and on aarch64; None: it has no such call.
_REFUSED = {
    "connect": (42, 203, errno.EACCES),
    "mq_open": (240, 180, errno.EACCES),
    "shmget": (29, 194, errno.EACCES), "semget": (64, 190, errno.EACCES), "msgget": (68, 186, errno.EACCES),
    "add_key": (248, 217, errno.EACCES), "request_key": (249, 218, errno.EACCES), "keyctl": (250, 219, errno.EACCES),
    # It could make all the other calls, and starts threads of its own.
    "io_uring_setup": (425, 425, errno.ENOSYS),
    "chown": (92, None, errno.EPERM), "fchown": (93, 55, errno.EPERM), "lchown": (94, None, errno.EPERM),
    "fchownat": (260, 54, errno.EPERM),
    # As of a file system without them: shutil.copy2 goes on.
    "setxattr": (188, 5, errno.ENOTSUP), "lsetxattr": (189, 6, errno.ENOTSUP), "fsetxattr": (190, 7, errno.ENOTSUP),
    "removexattr": (197, 14, errno.ENOTSUP), "lremovexattr": (198, 15, errno.ENOTSUP),
    "fremovexattr": (199, 16, errno.ENOTSUP), "setxattrat": (463, 463, errno.ENOTSUP),
    "removexattrat": (466, 466, errno.ENOTSUP),
    # They succeed and change nothing: shutil.copy makes them for files of its own, and no filter can tell whose
    # file a path is. (Not so with times: Path.touch takes a success for a file that is there.)
    "chmod": (90, None, 0), "fchmod": (91, 52, 0), "fchmodat": (268, 53, 0), "fchmodat2": (452, 452, 0),
}
# Calls that take a process, and which argument it is: allowed with 0, the caller itself.
_FOR_ITSELF = {
    "prlimit64": (302, 261, 0), "setpriority": (141, 140, 1), "ioprio_set": (251, 30, 1),
    "sched_setaffinity": (203, 122, 0), "sched_setscheduler": (144, 119, 0), "sched_setparam": (142, 118, 0),
    "sched_setattr": (314, 274, 0),
}
# All that makes a process or a thread: fork, vfork, clone, clone3.
_STARTS = ((57, None), (58, None), (56, 220), (435, 435))
_SOCKET, _SOCKETPAIR = (41, 198), (53, 199)


def is_known():
    """Whether there is a filter for this machine."""
    return os.uname().machine in _MACHINES and struct.calcsize("P") == 8


class CallFilter:
    """A filter, made once and installed in many processes. Raises KeyError where there is none for the machine.

    refuses: whether it refuses calls; asks: whether it has a listener asked before anything starts.
    """

    def __init__(self, refuses, asks):
        self._asks = asks
        code = b"".join(struct.pack("=HBBI", *step) for step in _program(refuses, asks))
        self._steps = ctypes.create_string_buffer(code, len(code))
        self._program = ctypes.create_string_buffer(struct.pack("@HP", len(code) // 8, ctypes.addressof(self._steps)))
        _, self._number, _ = _MACHINES[os.uname().machine]

    def install(self):
        """Filters the calling thread's calls, and of what it starts, for ever. It must have no_new_privs.
        Returns the listener's descriptor, or None if the filter does not ask. Raises OSError."""
        if not self._asks:
            self._install(_SPEC_ALLOW)
            return None
        try:
            return self._install(_SPEC_ALLOW | _NEW_LISTENER | _WAIT_KILLABLE)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
        return self._install(_SPEC_ALLOW | _NEW_LISTENER | _TSYNC_ESRCH)

    def _install(self, flags):
        result = _libc.syscall(ctypes.c_long(self._number), ctypes.c_uint(_SET_MODE_FILTER), ctypes.c_uint(flags),
                               self._program)
        if result < 0:
            error = ctypes.get_errno()
            raise OSError(error, os.strerror(error))
        return result


def _program(refuses, asks):
    architecture, _, column = _MACHINES[os.uname().machine]
    steps = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, architecture), _error(errno.ENOSYS), (_LOAD, 0, 0, _NUMBER)]
    if column == 0:
        # Calls of x86_64's other size of pointers have numbers of their own.
        steps += [(_AT_LEAST, 0, 1, 0x40000000), _error(errno.ENOSYS)]

    def add(number, *body):
        if number is not None:
            steps.extend([(_EQUAL, 0, len(body), number), *body])

    if asks:
        for numbers in _STARTS:
            add(numbers[column], (_RETURN, 0, 0, _ASK))
    if not refuses:
        *numbers, error = _REFUSED["io_uring_setup"]
        add(numbers[column], _error(error))
        return [*steps, (_RETURN, 0, 0, _ALLOW)]
    for *numbers, error in _REFUSED.values():
        add(numbers[column], _error(error))
    for *numbers, argument in _FOR_ITSELF.values():
        add(numbers[column], _argument(argument), (_EQUAL, 0, 1, 0), (_RETURN, 0, 0, _ALLOW), _error(errno.EPERM))
    # Stream sockets of this machine can listen, but not connect; pairs are a process's own, but those of
    # datagrams can be sent to any address.
    add(_SOCKET[column], _argument(0), (_EQUAL, 0, 4, _UNIX), _argument(1), (_AND, 0, 0, _TYPES),
        (_EQUAL, 0, 1, _STREAM), (_RETURN, 0, 0, _ALLOW), _error(errno.EACCES))
    add(_SOCKETPAIR[column], _argument(1), (_AND, 0, 0, _TYPES), (_EQUAL, 1, 0, _STREAM),
        (_EQUAL, 0, 1, _SEQPACKET), (_RETURN, 0, 0, _ALLOW), _error(errno.EACCES))
    return [*steps, (_RETURN, 0, 0, _ALLOW)]


def _argument(index):
    # The lower half: both machines are little-endian, and the arguments looked at are ints.
    return _LOAD, 0, 0, 16 + 8 * index


def _error(number):
    return _RETURN, 0, 0, _ERRNO | number
