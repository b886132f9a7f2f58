"""Training in real processes, which can be killed, or train together: forked from a server that has imported it all."""

import multiprocessing
import os
import signal
import socket
import traceback

from slingshot.training.course.journal import METRICS, read_metrics
from slingshot.training.loop import train

_PATIENCE = 180  # seconds: tests beside it may take all cores
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    ["slingshot.training.loop", "transformers.models.llama", "peft", "accelerate"]
)


def losses(folder):
    """What was measured of every step, times left out."""
    steps = read_metrics(folder / METRICS)
    return [value for step in steps for value in (step.loss, step.validation_loss) if value is not None]


def train_until_killed(rows, base, out, config, validation, step):
    """Train in a process that gets a kill -9 after a step."""
    process = _start(_train, (rows, base, out, config, validation, step), {})
    process.join(_PATIENCE)
    assert process.exitcode == -signal.SIGKILL


def train_together(rows, base, out, config, validation, size, killed_after=None, folders=None, **environment):
    """Train on several processes that find each other as torchrun and accelerate launch arrange it.

    After the step `killed_after` the first gets a kill -9, and the others fail. `folders` are where each of them
    works, for a relative `out`. `environment` is what else a launcher says to each of them.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    processes = [
        _start(
            _train,
            (rows, base, out, config, validation, killed_after, folders and folders[rank]),
            {
                "RANK": str(rank),
                "LOCAL_RANK": str(rank),
                "WORLD_SIZE": str(size),
                "MASTER_ADDR": "127.0.0.1",
                "MASTER_PORT": str(port),
                **environment,
            },
        )
        for rank in range(size)
    ]
    for process in processes:
        process.join(_PATIENCE)
        process.kill()  # it may wait for another that has failed
    codes = [process.exitcode for process in processes]
    assert codes == [0] * size if killed_after is None else codes[0] == -signal.SIGKILL


def _start(target, arguments, environment):
    process = _CONTEXT.Process(target=_run, args=(target, arguments, environment))
    process.start()
    return process


def _run(target, arguments, environment):
    import torch

    os.environ.update(environment)
    torch.set_num_threads(1)
    try:
        target(*arguments)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _train(rows, base, out, config, validation, last, folder=None):
    if folder:
        os.chdir(folder)

    def kill(step, total):
        if step.step == last:
            os.kill(os.getpid(), signal.SIGKILL)

    train(rows, base, out, config, kill, validation)
