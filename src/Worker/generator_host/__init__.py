"""The generator host: runs unmodified generators, sample after sample.

Standard library only; libraries that generators use are loaded by name, if
they are there. Linux only. Three levels of processes:

- the **zygote** (one per worker) loads the heavy libraries once and forks
- **lane supervisors** (one per lane, bound to one generator), which never run
  the generator's code, keep a private copy of its folder, and fork
- **runners**, which run ``examples/generate.py``, or the entry that the worker names, for sample after sample, each
  from a fresh state, or for one sample alone where the worker asks for it.

A sample that fails takes its runner with it and nothing else. When the worker
ends, by whatever means, all of this ends, and the lanes' scratch is removed.

Started as ``python3 -m generator_host [--preload a,b,c] [--cache FOLDER] [--lanes N]`` with
this package's parent on PYTHONPATH. The environment that matters (hash seed,
allocator, threads, locale, time zone; see environment.py) is set by the host
itself: it starts itself again when it differs. Variables not on the list there
are dropped, so that no credentials reach generators. FOLDER may hold caches
of libraries (matplotlib's list of fonts), of which each lane gets a copy.

All messages are JSON objects, one a line; unknown fields are ignored. Strings
that come back never hold lone surrogates. Paths are absolute.

Runners are confined (sandbox.py): ``--sandbox auto`` with what the kernel has, ``off`` not at all; ``required``
is as auto here, and the worker does not draw if "whole" is false.

Zygote, on its standard input and output (standard error is a log):

    -> at start   {"event":"ready","python":"3.11.2","modules":{"numpy":"1.24.2","cv2":null},
                   "sandbox":{"name":"landlock-7","whole":true,"unconfined":[]},"conforms":true}
                  null: cannot be imported; name: "off" and "unsupported" too; unconfined: what generators can
                  still do, a phrase each
    <- {"op":"lane","socket":P,"generator":P,"scratch":P,
        "entry":"generate.py",       the script, below the generator; default examples/generate.py
        "library":P|null,            a folder of modules from elsewhere that it imports: it lies beside the generator's copy
        "memory_mb":4096|null,       MiB of private memory per runner; null: no limit
        "renew_after":500,           samples per runner
        "renew_growth_mb":512}       MiB a runner may grow before it is renewed
       The last five are optional. The lane connects to the socket, where the
       worker listens. ``scratch`` belongs to this lane alone and is removed.
    -> later      {"event":"lane_ended","pid":N,"socket":P,"code":0}   once for each lane;
                  code below 0: the signal; a lane that could not connect ends with 1
    <- {"op":"inspect","id":1,"generator":P}    "entry" and "library" as above
    -> {"id":1,"missing":["bpy"],"flags":["--num-samples"],"parameters":{...},
        "reads_clock":[{"file":"src/search.py","function":"time.time"}]}
                  and "error" if the entry cannot be read; answers may come in another
                  order. ``parameters``: a JSON Schema of what can be set, absent if that
                  is nothing; "parameters_error" if it cannot be told. See parameters.py.
    -> for a line that is not usable
                  {"event":"error","message":S} with the line's "id" and "socket"

Lane, on its socket:

    -> once       {"event":"ready","pid":N,"preloaded":["cv2"],"seconds":0.1}
                  or {"event":"failed","message":S}, now or in place of any
                  answer: the lane has ended
    <- {"op":"draw","work":P,"argv":[...],"seed":165,"timeout":120.0,"fresh":false,
        "keep_after":4,"config":{"grid_size":7},"processor":0,
        "video":{"width":512,"height":512,"frames":81,"fps":16,"keep_original":true}}
       ``argv``: the script's arguments; ``seed``: what every source of
       randomness starts from; ``timeout``: seconds, at most a day; ``fresh``
       (optional): a new runner for this sample alone; ``keep_after`` (optional): samples of a runner after which it
       may keep the generator's own modules (kept_modules.py), 0: never; ``config`` (optional): values
       for fields of ``TaskConfig``, laid over their defaults (overrides.py); ``video`` (optional; each field too):
       the form that the sample is brought into when the script has ended well, within the same time-out, in a process
       that runs none of the generator's code (conformer.py); ``processor`` (optional): a number from 0 below that of
       the lanes (--lanes): where the host has as many processors, and several, the sample keeps to that one.
       The script draws below the lane's scratch; what it wrote is moved to <work>/out before the answer. An
       argument that is <work>/out stands for the folder it writes. ``work`` is on the file system of ``scratch``,
       and out of the runners' reach.
    -> {"status":..., "seconds":0.123, "log":S, "log_bytes":N, "max_rss_mb":88.1,
        "cpu_seconds":0.119, "fresh":false, "kept":false}
       "ok"         the script ended well; what it wrote is the worker's to judge
       "raised"     "type", "message", "traceback"; the types BrokenRunner, ParameterNotApplied and TooManyProcesses
                    (process_limit.py) are the host's own
       "exited"     "code" (1 to 255)
       "killed"     "signal", "signal_name"; "aborted":true when the worker wished it
       "timed_out"  "limit" (seconds); the log ends with the script's stack
       "invalid"    "message": the sample cannot be conformed; it names the file
       "unsupported" "message": this Python lacks what conforming takes
       "refused"    "message" alone: the request was not usable; nothing was run
       ``kept``: it ran in the modules of the sample before; ``imported_because``: why keeping them failed, once it did
       ``cpu_seconds``: of the runner, since it answered last.
       With ``video``, "first_frame_distance" and "final_frame_distance": the mean absolute difference (0 to 255) of the
       video's first and last picture, as they were encoded, from the stills; absent without them. "static_video":true if its
       pictures do not differ.
       ``log``: the last 16 KiB of what was printed; ``log_bytes``: all of it.
    <- {"op":"abort"}   ends the running sample; without one it is ignored
    <- {"op":"end"}     ends the lane, as closing the socket does

Draws are served one at a time; more may be sent ahead.
"""
