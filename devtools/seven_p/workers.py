"""Workers of the bench: processes with an Odoo of their own, which do what the jobs of the queue do."""

import json
import subprocess
import sys
import time


class Worker:
    """A process with an Odoo of its own that does ranges, or a lane of a load, when it is told."""

    def __init__(self):
        command = [sys.executable, "-m", "devtools.shell_runner", "bench", "seven_p", "--worker"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.wait()

    def ask(self, step, numbers):
        print(json.dumps([step, numbers]), file=self.process.stdin, flush=True)

    def wait(self):
        answer = self.process.stdout.readline()
        assert answer.strip() == "ready", f"a worker ended: {answer}"

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def work(env):
    """Do ranges and lanes as told on the standard input, one transaction each, as a job does."""
    # the first range would otherwise pay for the libraries
    import scipy.special  # noqa: F401

    env = env(su=True)
    env.cr.commit()
    print("ready", flush=True)
    for line in sys.stdin:
        step, numbers = json.loads(line)
        if step == "load":
            load_id, lane = numbers
            do_lane(env, env["crm.warehouse.load"].browse(load_id), lane)
        else:
            do_ranges(env, step, numbers)
        print("ready", flush=True)


def do_ranges(env, step, range_ids):
    for part in env["crm.scoring.run.range"].browse(range_ids):
        part._run(step)
        env.flush_all()
        env.cr.commit()
        env.invalidate_all()


def do_lane(env, load, lane):
    """Do the steps of a lane, each in the transaction of its job, but without the queue."""
    while line := load._get_next_line(lane):
        if line._get_awaited():
            # its job would come again later
            env.cr.commit()
            env.invalidate_all()
            time.sleep(0.1)
            continue
        load._lock(lane)
        line._run()
        load._go_on(lane)
        env.flush_all()
        env.cr.commit()
        env.invalidate_all()
