"""Joules from the counters that Linux shows, here in a folder of the same files."""

import time

import pytest

from slingshot.energy import EnergyMeter, find_counters
from slingshot.manifest import do_step

TURN = 262_143_328_850


@pytest.fixture
def powercap(tmp_path):
    """Two packages, one with memory; their parts, the platform and a second way to the same are there too."""

    def write(name, what, microjoules):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "name").write_text(f"{what}\n")
        (folder / "energy_uj").write_text(f"{microjoules}\n")
        (folder / "max_energy_range_uj").write_text(f"{TURN}\n")

    write("intel-rapl:0", "package-0", 5_000_000)
    write("intel-rapl:0:0", "core", 1_000_000)
    write("intel-rapl:0:1", "dram", 2_000_000)
    write("intel-rapl:1", "package-1", TURN - 1_000_000)
    write("intel-rapl:2", "psys", 9_000_000)
    write("intel-rapl-mmio:0", "package-0", 5_000_000)
    return tmp_path


def add(powercap, name, joules):
    file = powercap / name / "energy_uj"
    new = file.with_name("new")
    new.write_text(f"{(int(file.read_text()) + round(joules * 1e6)) % TURN}\n")
    new.replace(file)  # a counter is never seen half written


def test_packages_and_memory_are_counted_and_nothing_twice(powercap):
    assert [counter.what for counter in find_counters(powercap)] == ["package-0", "dram", "package-1"]


def test_a_counter_that_starts_again_from_nought_is_no_loss(powercap):
    with EnergyMeter(find_counters(powercap)) as meter:
        add(powercap, "intel-rapl:0", 10)
        add(powercap, "intel-rapl:0:1", 2.5)
        add(powercap, "intel-rapl:1", 4)  # over its end
        add(powercap, "intel-rapl:2", 1000)
    assert meter.joules == pytest.approx(16.5)
    assert meter.source == "Linux RAPL: package-0, dram, package-1; all that ran on this machine"


def test_turns_within_the_block_are_all_counted(powercap):
    with EnergyMeter(find_counters(powercap), seconds=0.005) as meter:
        for _ in range(5):
            add(powercap, "intel-rapl:0", TURN * 0.8 / 1e6)
            time.sleep(0.1)
    assert meter.joules == pytest.approx(5 * 0.8 * TURN / 1e6)


def test_where_there_are_no_counters_it_is_said_and_no_figure_given(tmp_path):
    with EnergyMeter(find_counters(tmp_path / "nowhere")) as meter:
        pass
    assert meter.joules is None and meter.source == "not readable here"


def test_a_counter_that_fails_in_between_leaves_no_figure(powercap):
    with EnergyMeter(find_counters(powercap)) as meter:
        (powercap / "intel-rapl:0" / "energy_uj").unlink()
    assert meter.joules is None and meter.source == "not readable here"


def test_a_step_keeps_its_joules_unless_an_earlier_attempt_used_some_too(powercap, tmp_path):
    def work():
        add(powercap, "intel-rapl:0", 7)
        return {}

    def killed():
        add(powercap, "intel-rapl:0", 3)
        raise KeyboardInterrupt

    def counters():
        return find_counters(powercap)

    run = tmp_path / "run"
    once = do_step(run, "train", {}, [], work, counters=counters)
    assert once["joules"] == pytest.approx(7) and once["energy_source"].startswith("Linux RAPL")
    with pytest.raises(KeyboardInterrupt):
        do_step(run, "ask", {}, [], killed, counters=counters)
    again = do_step(run, "ask", {}, [], work, counters=counters)
    assert again["joules"] is None and "attempts" in again["energy_source"]
