"""The environment that generators see: an allow-list, and values that make
runs repeatable.

Foreign code gets no credentials, so nothing is passed on merely because it is
there: a variable is named below or it is dropped.
"""

import os

# Passed on when present: where programs, libraries and fonts are. Lanes/PythonProcess.cs
# has the same list, so that nothing else is there even as the host starts.
ALLOWED = (
    "PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH", "PYTHONUSERBASE", "VIRTUAL_ENV",
    "CONDA_PREFIX", "HOME", "USER", "LOGNAME", "FONTCONFIG_FILE", "FONTCONFIG_PATH",
    "XDG_DATA_DIRS", "XDG_CONFIG_DIRS", "MPLCONFIGDIR",
)

# Set whatever the worker says. Each one has changed some generator's bytes or
# speed, except where noted.
FIXED = {
    # Some generators seed from hash(text).
    "PYTHONHASHSEED": "0",
    # Large images otherwise go back to the system after each use and are
    # faulted in again, page by page: a fifth of the time of a sample.
    "GLIBC_TUNABLES": "glibc.malloc.mmap_threshold=1073741824"
                      ":glibc.malloc.trim_threshold=4294967296"
                      ":glibc.malloc.top_pad=67108864"
                      # Pages of 2 MiB where the system has them: fewer faults yet.
                      ":glibc.malloc.hugetlb=1",
    # A lane is one processor's worth; sums in one thread have one order.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "MPLBACKEND": "Agg",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "LANG": "C.UTF-8",
    # Documents that would carry the hour of writing carry this; the earliest
    # date that ZIP archives can hold, 1980-01-01.
    "SOURCE_DATE_EPOCH": "315532800",
    # No display exists.
    "QT_QPA_PLATFORM": "offscreen",
    "SDL_VIDEODRIVER": "dummy",
    "SDL_AUDIODRIVER": "dummy",
    "PYGAME_HIDE_SUPPORT_PROMPT": "1",
}


def host_environment(current):
    """The environment the host must run in, from the one it was given."""
    kept = {name: current[name] for name in ALLOWED if name in current}
    kept.update(FIXED)
    if "PYTHONPATH" in kept:
        # Absolute: the host and its generators work in other folders.
        kept["PYTHONPATH"] = os.pathsep.join(
            os.path.abspath(entry) for entry in kept["PYTHONPATH"].split(os.pathsep) if entry)
    return kept


def without_host(search_path, package_parent):
    """PYTHONPATH without the host's own folder: generators must not see it."""
    entries = [entry for entry in search_path.split(os.pathsep) if entry]
    kept = [entry for entry in entries if os.path.realpath(entry) != package_parent]
    return os.pathsep.join(kept)


def lane_environment(current, package_parent, scratch, original, copy_root):
    """The environment of one lane's samples.

    scratch: the lane's private folder; original: the generator's folder;
    copy_root: the folder that holds the lane's copy. TMPDIR and HOME are
    per sample and set by the runner.
    """
    result = dict(current)
    search_path = without_host(result.pop("PYTHONPATH", ""), package_parent)
    if search_path:
        result["PYTHONPATH"] = search_path
    cache = os.path.join(scratch, "cache")
    result["XDG_CACHE_HOME"] = cache
    result["XDG_CONFIG_HOME"] = os.path.join(scratch, "config")
    result.setdefault("MPLCONFIGDIR", os.path.join(cache, "matplotlib"))
    result.update(git_environment(original, copy_root))
    return result


def git_environment(original, copy_root):
    """Variables that point git at the generator's own repository, or at none.

    Generators write their commit into their metadata. The lane's copy has no
    .git, and the folder around it must not be taken for the generator's
    repository.
    """
    repository = os.path.join(original, ".git")
    variables = {
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": copy_root,
    }
    if os.path.exists(repository):
        variables.update({
            "GIT_DIR": repository,
            "GIT_WORK_TREE": original,
            # The clone may belong to another user than the worker's.
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
        })
    return variables
