import os, time, pytest
pytestmark = [pytest.mark.xdist_group("journeys"), pytest.mark.timeout(600)]
@pytest.fixture(scope="module")
def slow(): time.sleep(1)
@pytest.mark.parametrize("n", range(6))
def test_a(n, slow, request):
    time.sleep(.2)
