"""Workers share test cases out, and help each other at the end."""

from slingshot.judge.tasks import Tasks


def test_a_worker_stays_with_a_test_case_while_others_take_the_next():
    tasks = Tasks([[0], [1], [2], [3]], ["a", "a", "b", "b"])
    assert tasks.next_after(None) == ("a", [0])
    assert tasks.next_after(None) == ("b", [2])
    assert tasks.next_after("a") == ("a", [1])
    assert tasks.next_after("b") == ("b", [3])
    assert tasks.next_after("a") is tasks.next_after("b") is None


def test_who_has_nothing_left_helps_where_most_is_left():
    tasks = Tasks([[n] for n in range(6)], ["a", "b", "b", "c", "c", "c"])
    assert [tasks.next_after(None) for _ in range(3)] == [("a", [0]), ("b", [1]), ("c", [3])]
    assert tasks.next_after("a") == ("c", [4])
    assert tasks.next_after("c") == ("c", [5])
    assert tasks.next_after("c") == ("b", [2])
    assert tasks.next_after("b") is None


def test_one_test_case_is_shared_by_all_workers():
    tasks = Tasks([[0], [1, 2], [3]], ["a", "a", "a"])
    assert [tasks.next_after(None) for _ in range(4)] == [("a", [0]), ("a", [1, 2]), ("a", [3]), None]


def test_nothing_to_do_is_nothing():
    assert Tasks([], []).next_after(None) is None


def test_a_task_that_is_given_back_waits_again():
    tasks = Tasks([[0], [1], [2]], ["a", "a", "b"])
    name, indices = tasks.next_after(None)
    assert tasks.waiting == 2
    tasks.give_back(name, indices)
    assert tasks.waiting == 3
    assert tasks.next_after("a") == ("a", [0])
    assert [tasks.next_after("a") for _ in range(3)] == [("a", [1]), ("b", [2]), None]
    tasks.give_back("b", [2])
    assert tasks.next_after("a") == ("b", [2]), "also when all test cases are begun, and all else is done"
