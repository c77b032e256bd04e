# SPDX-License-Identifier: Apache-2.0
"""A stage for scenarios: Lanner watching one process tree, and acts played by real programs in it.

The stage process is forked before Lanner starts, so that Lanner can be told to look at that process and
its descendants only; acts are shell commands or Python texts run by it. Nothing else on the machine is
watched or touched.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LANNER = os.environ.get("LANNER", os.path.join(ROOT, "build/release/lanner"))


class Stage:
    def __init__(self, rules, options=()):
        self.dir = tempfile.mkdtemp(prefix="lanner-stage-", dir="/var/tmp")
        # The actor reads one command per line and answers with its exit status.
        self.actor = subprocess.Popen(
            [sys.executable, "-u", "-c",
             "import sys,subprocess\n"
             "for l in sys.stdin:\n"
             "    r=subprocess.run(['/bin/sh','-c',l.encode().decode('unicode_escape')],"
             "stdin=subprocess.DEVNULL,stdout=open(sys.argv[1],'a'),stderr=subprocess.STDOUT)\n"
             "    print(r.returncode)\n", os.path.join(self.dir, "acts.log")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=self.dir)
        self.out = os.path.join(self.dir, "alerts.jsonl")
        self.log = os.path.join(self.dir, "lanner.log")
        command = [LANNER, "run", "--only-tgid", str(self.actor.pid), "-o", "json_output=true",
                   "-o", "log_stderr=true", "-o", "log_syslog=false", "-o", "stdout_output.enabled=true", "-U"]
        for r in rules:
            command += ["-r", r]
        for o in options:
            command += ["-o", o]
        with open(self.out, "w") as out, open(self.log, "w") as log:
            self.lanner = subprocess.Popen(command, stdout=out, stderr=log)
        deadline = time.time() + 20
        while "Watching with" not in open(self.log).read():
            if self.lanner.poll() is not None or time.time() > deadline:
                raise RuntimeError("lanner did not start: " + open(self.log).read())
            time.sleep(0.02)

    def act(self, command):
        """Run a shell command in the stage; returns its exit status."""
        self.actor.stdin.write(command.encode("unicode_escape").decode() + "\n")
        self.actor.stdin.flush()
        return int(self.actor.stdout.readline())

    def alerts(self):
        with open(self.out) as f:
            return [json.loads(l) for l in f if l.startswith("{") and l.endswith("\n")]

    def wait_for(self, test, seconds=3.0):
        """The first alert that passes the test, or None."""
        deadline = time.time() + seconds
        while True:
            for a in self.alerts():
                if test(a):
                    return a
            if time.time() > deadline:
                return None
            time.sleep(0.02)

    def close(self):
        self.lanner.terminate()
        try:
            self.lanner.wait(10)
        except subprocess.TimeoutExpired:
            self.lanner.kill()
            self.lanner.wait()
        self.actor.stdin.close()
        self.actor.wait(10)
        return self.lanner.returncode


def container(work, name, args, capabilities=()):
    """A shell command that runs args in a runc container whose cgroup names a docker container, and the
    first letters of its id."""
    bundle = os.path.join(work, name)
    root = os.path.join(bundle, "rootfs")
    for d in ("bin", "sbin", "etc", "proc", "sys", "dev", "tmp", "mnt", "root"):
        os.makedirs(os.path.join(root, d), exist_ok=True)
    shutil.copy("/bin/busybox", os.path.join(root, "bin/busybox"))
    for a in ("sh", "ls", "mount", "echo", "cat", "true"):
        os.symlink("busybox", os.path.join(root, "bin", a))
    shutil.copy("/bin/busybox", os.path.join(root, "sbin/apk"))
    with open(os.path.join(root, "script"), "w") as f:
        f.write("echo script\n")
    subprocess.run(["runc", "spec"], cwd=bundle, check=True)
    path = os.path.join(bundle, "config.json")
    with open(path) as f:
        c = json.load(f)
    c["process"]["terminal"] = False
    c["process"]["args"] = args
    c["process"]["rlimits"] = []
    c["root"]["readonly"] = False
    for kind in c["process"]["capabilities"].values():
        kind.extend(capabilities)
    ident = (name.encode().hex() * 64)[:64]
    c["linux"]["cgroupsPath"] = "/docker/" + ident
    c["linux"].pop("seccomp", None)
    with open(path, "w") as f:
        json.dump(c, f)
    return "cd %s && runc --root %s run %s" % (bundle, os.path.join(work, "runc"), name), ident[:12]


class Tap:
    def __init__(self):
        self.n = self.failed = 0

    def check(self, ok, name, detail=""):
        self.n += 1
        self.failed += not ok
        print("%sok %d - %s" % ("" if ok else "not ", self.n, name))
        if not ok and detail:
            print("\n".join("# " + l for l in str(detail).splitlines()))
        sys.stdout.flush()

    def skip(self, name, why):
        self.n += 1
        print("ok %d - %s # SKIP %s" % (self.n, name, why))

    def end(self):
        print("1..%d" % self.n)
        sys.exit(1 if self.failed else 0)
