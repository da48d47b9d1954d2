import pytest

from webstack_service import cpu


def test_reads_the_limit_of_cgroup_version_2(tmp_path):
    (tmp_path / "cpu.max").write_text("150000 100000\n")
    assert cpu.limit(tmp_path) == 1.5


def test_reads_the_limit_of_cgroup_version_1(tmp_path):
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("50000\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert cpu.limit(tmp_path) == 0.5


def test_unlimited_is_none_in_both_versions_and_without_cgroups(tmp_path):
    assert cpu.limit(tmp_path) is None
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert cpu.limit(tmp_path) is None
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("-1\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert cpu.limit(tmp_path) is None


@pytest.mark.parametrize(("cpus", "workers"), [(None, 2), (0.25, 2), (1, 2), (1.5, 3), (4, 5)])
def test_workers_follow_the_limit(cpus, workers):
    assert cpu.workers(cpus) == workers
