"""Removal of folders that foreign code has filled, perhaps to hurt whoever removes them."""

import os
import stat

_FOLDER = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def remove_tree(path, dir_fd=None, keep=False):
    """Removes a file or folder, whatever its modes and depth; ``keep``: only what is in the folder.

    Never follows a link, so nothing outside is touched, whatever is exchanged meanwhile; never raises OSError. Folders
    are emptied into the top one, one level after the other: neither descriptors nor recursion grow with their depth.
    """
    try:
        top = _open(path, dir_fd)
    except OSError:
        if not keep:
            _unlink(path, dir_fd)
        return
    try:
        _empty(top)
    finally:
        os.close(top)
    if not keep:
        try:
            os.rmdir(path, dir_fd=dir_fd)
        except OSError:
            pass


def _empty(top):
    moved = 0
    while True:
        folders = _remove_files(top)
        removed = 0
        for name in folders:
            try:
                inner = _open(name, top)
            except OSError:
                continue
            try:
                for child in _remove_files(inner):
                    moved += 1
                    removed += _move(child, inner, f".removed-{moved}", top)
            finally:
                os.close(inner)
            removed += _attempt(os.rmdir, name, dir_fd=top)
        if not removed:
            return  # empty, or nothing more can be done


def _remove_files(folder):
    """Removes what is no folder; returns the names of folders."""
    try:
        with os.scandir(folder) as entries:
            found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    except OSError:
        return []
    for name, is_folder in found:
        if not is_folder:
            _unlink(name, folder)
    return [name for name, is_folder in found if is_folder]


def _move(name, source, goal, target):
    if _attempt(os.rename, name, goal, src_dir_fd=source, dst_dir_fd=target):
        return True
    # Its entry ".." changes, which needs the right to write it.
    try:
        os.close(_open(name, source))
    except OSError:
        pass
    return _attempt(os.rename, name, goal, src_dir_fd=source, dst_dir_fd=target)


def _open(path, dir_fd):
    """Opens a folder, after allowing oneself all of it. Raises OSError, for a link too."""
    handle = os.open(path, os.O_PATH | _FOLDER, dir_fd=dir_fd)
    try:
        itself = f"/proc/self/fd/{handle}"
        if stat.S_IMODE(os.fstat(handle).st_mode) & 0o700 != 0o700:
            _attempt(os.chmod, itself, 0o700)
        return os.open(itself, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    finally:
        os.close(handle)


def _unlink(name, dir_fd):
    _attempt(os.unlink, name, dir_fd=dir_fd)


def _attempt(function, *arguments, **named):
    try:
        function(*arguments, **named)
        return True
    except OSError:
        return False
