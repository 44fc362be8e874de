"""The Weibull plot of entry sizes: exact anchors, the published protocol, and the rival laws against scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats
from spectral_widgets import charts
from spectral_widgets.api_entries import entry_fits, fit_weibull
from spectral_widgets.metrics.weibull_bands import weibull_band_of
from spectral_widgets.records import Complaint
from spectral_widgets.rmt import weibull_anchor, weibull_cdf, weibull_limit, weibull_line
from spectral_widgets.spectra.magnitudes import magnitudes_of

from .metric_subjects import matrix

LAWS = {
    "Gaussian": stats.norm(),
    "uniform": stats.uniform(-1, 2),
    "Gaussian truncated at 2σ": stats.truncnorm(-2, 2),
    "Laplace": stats.laplace(),
    **{f"Student-t {degrees}": stats.t(degrees) for degrees in (3, 4, 5, 10)},
}
PUBLISHED = {
    "Gaussian": 1.20543,
    "uniform": 1.375,
    "Gaussian truncated at 2σ": 1.227,
    "Laplace": 1.0,
    "Student-t 3": 1.106,
    "Student-t 4": 1.133,
    "Student-t 5": 1.148,
    "Student-t 10": 1.178,
}


@pytest.mark.parametrize("law", PUBLISHED)
def test_anchors_are_the_published_ones(law):
    assert weibull_anchor(law).shape == pytest.approx(PUBLISHED[law], abs=0.0005)


@pytest.mark.parametrize("law", LAWS)
def test_anchors_agree_with_an_integral_over_sizes(law):
    """The same line by adaptive integration over the size instead of nodes in the share."""
    half = LAWS[law]
    low, high = half.ppf(0.55), half.ppf(0.95)

    def mean(function):
        return integrate.quad(lambda x: 2 * half.pdf(x) * function(x), low, high, epsabs=1e-11)[0] / 0.8

    def plotted(x):
        return np.log(-np.log1p(-(2 * half.cdf(x) - 1)))

    x_mean, y_mean = mean(np.log), mean(plotted)
    covariance = mean(lambda x: (np.log(x) - x_mean) * (plotted(x) - y_mean))
    slope = covariance / mean(lambda x: (np.log(x) - x_mean) ** 2)
    anchor = weibull_anchor(law)
    assert anchor.shape == pytest.approx(slope, rel=1e-6)
    assert anchor.scale == pytest.approx(np.exp(x_mean - y_mean / slope), rel=1e-6)


def test_the_gaussian_scale_anchor():
    assert weibull_anchor("Gaussian").scale == pytest.approx(0.88749, abs=5e-6)


@given(st.floats(0.5, 4.0), st.floats(0.01, 10.0))
def test_the_limit_of_a_weibull_law_is_itself(shape, scale):
    line = weibull_limit(lambda share: scale * (-np.log1p(-share)) ** (1 / shape))
    assert line.shape == pytest.approx(shape, rel=1e-9)
    assert line.scale == pytest.approx(scale, rel=1e-9)
    assert line.r_squared == pytest.approx(1)
    assert line.distance < 1e-9


@pytest.mark.parametrize("law", LAWS)
def test_simulation_meets_its_anchor_in_standard_errors(law):
    """Twenty draws of 1e5 entries; the grid of bins itself is allowed its 0.5 %."""
    rng = np.random.default_rng(7)
    shapes = [fit_weibull(LAWS[law].rvs((250, 400), random_state=rng)).shape for _ in range(20)]
    error = np.std(shapes, ddof=1) / 20**0.5
    assert abs(np.mean(shapes) - weibull_anchor(law).shape) < 4 * error + 0.005 * weibull_anchor(law).shape


def test_the_protocol_on_unit_normal_entries():
    """With 1024 bins on [−12, 2] the grid moves the anchor 1.2054 / 0.8875 to 1.2069 / 0.8867."""
    fit = fit_weibull(np.random.default_rng(0).standard_normal((2000, 1000)))
    assert fit.shape == pytest.approx(1.2069, abs=0.003)
    assert fit.scale == pytest.approx(0.8867, abs=0.002)
    assert fit.r_squared > 0.99


def naive_fit(values):
    logs = np.log10(np.maximum(np.abs(values.ravel()), 1e-13))
    counts, edges = np.histogram(logs, bins=1024, range=(-12, 2))
    below = np.concatenate([[0], np.cumsum(counts)]) / counts.sum()
    middle = (below[1:] + below[:-1]) / 2
    kept = (middle >= 0.1) & (middle <= 0.9) & (counts > 0)
    x = (edges[1:] + edges[:-1])[kept] / 2 * np.log(10)
    y = np.log(-np.log(1 - middle[kept]))
    slope, intercept = np.polyfit(x, y, 1, w=np.sqrt(counts[kept]))
    return slope, np.exp(-intercept / slope)


@pytest.mark.parametrize("scale", [1e-4, 0.02, 3.0])
def test_the_fit_agrees_with_a_naive_one(scale):
    values = scale * np.random.default_rng(3).standard_t(4, (300, 200))
    fit = fit_weibull(values)
    assert (fit.shape, fit.scale) == pytest.approx(naive_fit(values), rel=1e-9)


def test_counts_and_moments_are_those_of_numpy():
    values = np.random.default_rng(4).standard_normal((700, 300))
    values[:5, :7] = 0.0
    magnitudes = magnitudes_of(matrix(values))
    sizes = np.abs(values[values != 0])
    assert np.array_equal(magnitudes.counts, np.histogram(np.log10(sizes), bins=1024, range=(-12, 2))[0])
    assert (magnitudes.n_zero, magnitudes.n_counted, magnitudes.n_outside) == (35, sizes.size, 0)
    assert magnitudes.mean_size == pytest.approx(sizes.mean())
    assert magnitudes.mean_square == pytest.approx((sizes**2).mean())
    assert magnitudes.mean_log == pytest.approx(np.log(sizes).mean())
    assert magnitudes.log_variance == pytest.approx(np.log(sizes).var())


def test_huge_and_tiny_weights_move_the_grid_and_not_the_shape():
    values = np.random.default_rng(5).standard_normal((300, 200))
    shapes = [fit_weibull(factor * values).shape for factor in (1e-30, 1e-9, 1.0, 1e3, 1e30)]
    assert shapes == pytest.approx([shapes[2]] * 5, rel=0.005)


def test_pruned_entries_are_left_out_and_said():
    values = np.random.default_rng(6).standard_normal((300, 200))
    kept = fit_weibull(np.where(np.random.default_rng(7).random(values.shape) < 0.5, 0.0, values))
    assert "exactly zero" in kept.caveat
    assert kept.shape == pytest.approx(fit_weibull(values).shape, rel=0.02)
    assert fit_weibull(values).caveat == ""


@pytest.mark.parametrize(
    "values", [np.ones((30, 30)), np.zeros((30, 30)), np.eye(30), np.arange(1.0, 10).reshape(3, 3)]
)
def test_what_has_too_few_sizes_is_refused(values):
    with pytest.raises(Complaint, match="No Weibull fit"):
        fit_weibull(values)


SAMPLES = {
    "Gaussian": lambda rng: rng.standard_normal((300, 400)),
    "heavy": lambda rng: 0.02 * rng.standard_t(4, (300, 400)),
    "Laplace": lambda rng: rng.laplace(size=(300, 400)),
    "log-normal": lambda rng: np.exp(rng.standard_normal((300, 400))) * rng.choice([-1, 1], (300, 400)),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_entry_laws_agree_with_scipy(name):
    values = SAMPLES[name](np.random.default_rng(8)).ravel()
    fits = entry_fits(values.reshape(300, 400))
    half = np.log(2)
    gaussian, laplace, log_normal = (fits.of(family) for family in ("Gaussian", "Laplace", "log-normal"))
    assert gaussian.log_likelihood == pytest.approx(stats.norm.logpdf(values, *stats.norm.fit(values, floc=0)).mean())
    assert laplace.log_likelihood == pytest.approx(
        stats.laplace.logpdf(values, *stats.laplace.fit(values, floc=0)).mean()
    )
    sizes = np.abs(values)
    known = stats.lognorm.logpdf(sizes, *stats.lognorm.fit(sizes, floc=0)).mean() - half
    assert log_normal.log_likelihood == pytest.approx(known)
    weibull = fits.of("Weibull")
    known = stats.weibull_min.logpdf(sizes, weibull.parameter("shape"), 0, weibull.parameter("scale")).mean() - half
    assert weibull.log_likelihood == pytest.approx(known, abs=2e-4)


@pytest.mark.parametrize("name", ["heavy", "Laplace"])
def test_student_t_is_the_likeliest_of_scipy(name):
    values = SAMPLES[name](np.random.default_rng(9)).ravel()
    degrees, _, scale = stats.t.fit(values, floc=0)
    fit = entry_fits(values.reshape(300, 400)).of("Student-t")
    assert fit.parameter("degrees") == pytest.approx(degrees, rel=0.005)
    assert fit.parameter("scale") == pytest.approx(scale, rel=0.002)
    assert fit.log_likelihood == pytest.approx(stats.t.logpdf(values, degrees, 0, scale).mean(), abs=2e-4)


@pytest.mark.parametrize(
    ("name", "best"), [("heavy", "Student-t"), ("Laplace", "Laplace"), ("log-normal", "log-normal")]
)
def test_the_law_that_was_drawn_from_wins(name, best):
    fits = entry_fits(SAMPLES[name](np.random.default_rng(10)))
    assert min(fits.fits, key=lambda fit: fit.aic).family == best


def test_bands_say_where_they_come_from_and_fail():
    rng = np.random.default_rng(11)
    names = {
        "transmission": rng.standard_normal((500, 400)),
        "mild shift": rng.standard_t(4, (500, 400)),
        "strong shift": np.exp(2 * rng.standard_normal((500, 400))),
        "no fit": rng.uniform(-1, 1, (500, 400)),
    }
    for name, values in names.items():
        band = weibull_band_of(fit_weibull(values))
        assert band.name == name
        assert "2605.18898" in band.source
        assert "uniform" in band.fails


def test_line_needs_two_sizes_and_cdf_is_scipys():
    with pytest.raises(ValueError, match="two different sizes"):
        weibull_line([0.0, 0.0], [0.2, 0.5], [1, 1])
    with pytest.raises(ValueError, match="no entry law 'Cauchy'"):
        weibull_anchor("Cauchy")
    x = np.linspace(0, 5, 11)
    assert weibull_cdf(x, 1.3, 0.7) == pytest.approx(stats.weibull_min.cdf(x, 1.3, 0, 0.7))


def test_the_plot_shows_the_points_the_line_and_the_middle():
    fit = fit_weibull(np.random.default_rng(12).standard_normal((300, 200)))
    rows = charts.split(charts.weibull(fit))[1]
    assert 50 < len(rows["points"]) <= 400
    line = [row for row in rows["lines"] if row["series"] == "Weibull law"]
    slope = np.diff([row["plot"] for row in line]) / np.diff(np.log([row["size"] for row in line]))
    assert slope == pytest.approx(fit.shape)
    assert rows["middle"] == [
        {
            "low": pytest.approx(-2.2504, abs=1e-3),
            "high": pytest.approx(0.8340, abs=1e-3),
            "series": "fitted middle 80 %",
        }
    ]
    for point in rows["points"]:
        assert point["plot"] == pytest.approx(np.log(-np.log1p(-point["share"])))
    assert f"k {fit.shape:.3f} (Gaussian entries 1.205)" in charts.weibull_text(fit)
