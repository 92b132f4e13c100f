"""Where a lane's samples are drawn, and how what they left is taken out of their reach."""

import os
import stat

from .trees import remove_tree

_TRIES = 5


class Workplace:
    """Folders below a lane's scratch. Runners may write below ``work`` alone.

    Foreign code may exchange anything in there at any moment. So a sample's folder is made elsewhere and moved in,
    and moved out before anybody looks into it or removes it; only ``work`` itself is touched by name.
    """

    def __init__(self, scratch):
        self.work = os.path.join(scratch, "work")
        self._made = os.path.join(scratch, "made")
        self._left = os.path.join(scratch, "left")
        self._sample = os.path.join(self._made, "sample")
        self._mode = None  # of folders that are new
        self._count = 0

    def lay(self):
        """Makes the folders. Raises OSError."""
        for path in (self.work, self._made, self._left):
            os.makedirs(path, exist_ok=True)
        self._mode = os.lstat(self.work).st_mode

    def open(self):
        """A new place for a sample: an absolute path with the folders out, tmp and tmp/home in it. Raises OSError."""
        self._count += 1
        place = os.path.join(self.work, str(self._count))
        try:
            os.mkdir(os.path.join(self._sample, "out"))  # in the place of the sample before
        except OSError:
            remove_tree(self._sample)
            for inner in ("", "out", "tmp", os.path.join("tmp", "home")):
                os.mkdir(os.path.join(self._sample, inner))
        for _ in range(_TRIES - 1):
            try:
                os.rename(self._sample, place)
                return place
            except OSError:
                self._discard(place)  # an earlier sample was here first
        os.rename(self._sample, place)
        return place

    def close(self, place, goal):
        """Moves the place's folder out to ``goal``, an absolute path on the same file system, and removes the
        place, or keeps it for the next sample if it is as new: to make folders and remove them takes a millisecond.
        Raises OSError if goal cannot be made; if out is no folder any more, goal is empty. No process of the sample
        may live any more."""
        left = os.path.join(self._left, "sample")
        remove_tree(left)
        try:
            os.rename(place, left)
            os.rename(_folder(left, "out"), goal)
        except OSError:
            os.mkdir(goal)
        if self._is_new(left):
            try:
                os.rename(left, self._sample)
                return
            except OSError:
                pass
        remove_tree(left)

    def _is_new(self, place):
        """Whether a place, but for out, is as it was made."""
        temporary = os.path.join(place, "tmp")
        try:
            # Its kind and mode first: what became a link is not followed.
            return all(os.lstat(path).st_mode == self._mode and not os.listxattr(path, follow_symlinks=False)
                       and os.listdir(path) == names
                       for path, names in ((place, ["tmp"]), (temporary, ["home"]), (os.path.join(temporary, "home"), [])))
        except OSError:
            return False

    def _discard(self, place):
        left = os.path.join(self._left, "in the way")
        remove_tree(left)
        try:
            os.rename(place, left)
        except OSError:
            return
        remove_tree(left)


def _folder(parent, name):
    """The path of a folder in a folder, none of them a link. Raises OSError."""
    for path in (parent, os.path.join(parent, name)):
        if not stat.S_ISDIR(os.lstat(path).st_mode):
            raise NotADirectoryError(path)
    return path
