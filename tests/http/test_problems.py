from colorizer import errors
from colorizer.http.problems import all_problems, internal_problem, problem_of, routing_problem


def test_an_error_leads_to_its_faq_entry():
    document = problem_of(errors.TooManyPixels("The photo has 60 MP; at most 50 MP are taken."))
    assert document == {
        "type": "/#faq-too-many-pixels",
        "title": "The photo has too many pixels",
        "status": 422,
        "code": "too-many-pixels",
        "detail": "The photo has 60 MP; at most 50 MP are taken.",
    }


def test_an_error_of_the_routing():
    assert routing_problem(404)["code"] == "not-found"
    assert routing_problem(405)["status"] == 405
    assert routing_problem(418)["code"] == "malformed-request"
    assert routing_problem(418)["status"] == 418


def test_an_error_of_ours_says_nothing_of_what_it_was():
    assert set(internal_problem()) == {"type", "title", "status", "code"}


def test_every_status_of_the_error_tree_is_listed_once():
    problems = all_problems()
    assert len({code for _, code, _ in problems}) == len(problems)
    assert {400, 401, 404, 405, 406, 408, 413, 415, 416, 422, 429, 500, 503, 507} == {
        status for status, _, _ in problems
    }
