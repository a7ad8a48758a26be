"""Disks that fill up: a tmpfs in a mount namespace of the test's own, so that no mount outlives the process."""

import os
import shutil
import subprocess
import sys
import unittest

SPACE = "400m"  # never used; more than sottod wants to see before it trusts a disk again


class Disk:
    """A tmpfs that is large, or as large as what is on it and `leave` octets."""

    def __init__(self, folder, size=SPACE):
        self.folder = folder
        folder.mkdir(mode=0o700)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", folder], check=True)

    def remount(self, how):
        subprocess.run(["mount", "-o", f"remount,{how}", self.folder], check=True)

    def fill(self, leave=4096):
        now = os.statvfs(self.folder)
        self.remount(f"size={(now.f_blocks - now.f_bfree) * now.f_frsize + leave}")

    def empty(self):
        self.remount(f"size={SPACE}")

    def unmount(self):
        subprocess.run(["umount", self.folder], check=True)


def can_mount(folder):
    probe = folder / "probe"
    probe.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", probe], capture_output=True, text=True)
    if mounted.returncode == 0:
        subprocess.run(["umount", probe], check=True)
        return True
    print(f"skipped: full and read-only disks, because mounting a tmpfs is not permitted: {mounted.stderr.strip()}")
    return False


def main():
    """unittest.main() in a mount namespace of its own. Where there is none, can_mount() says no."""
    if "SOTTO_OWN_MOUNTS" not in os.environ and shutil.which("unshare"):
        os.environ["SOTTO_OWN_MOUNTS"] = "yes"
        for command in (["unshare", "--mount"], ["unshare", "--map-root-user", "--mount"]):
            if subprocess.run([*command, "true"], capture_output=True).returncode == 0:
                os.execvp(command[0], [*command, sys.executable, *sys.argv])
    unittest.main()
