import Foundation
import Tensors
import Testing

/// Against 40 digits of mpmath 1.3.
@Suite struct StandardNormalTests {
  @Test(arguments: [
    (-1.0, 2.0, -0.20016629432446257995), (0.5, 0.5000001, -17.162034209689349927),
    (8, 9, -35.013618593437148117), (-40, -39, -765.08315656437754441),
    (50, 51, -1254.8313611394199013), (-1e-9, 1e-9, -20.949057189591138526),
    (-31, -30.5, -469.46273752977157658), (29, 31, -424.78741990973016268),
    (-200, -199.9, -19986.22178080023594),
  ])
  func logarithmsOfIntervals(_ lower: Double, _ upper: Double, _ expected: Double) {
    let found = StandardNormal.logProbability(lower, upper)
    // A narrow interval's ends differ in their last digits alone.
    let narrow = upper - lower < 1e-6 ? 1e-9 : 0
    #expect(abs(found - expected) <= 4e-16 * abs(expected) + 2e-15 + narrow)
    let mirrored = StandardNormal.logProbability(-upper, -lower)
    #expect(abs(mirrored - found) <= 4e-16 * abs(expected) + narrow)
    let plain = StandardNormal.probability(lower, upper)
    #expect(abs(plain - exp(expected)) <= (1e-13 + narrow) * exp(expected) * max(1, -expected))
  }

  @Test func endsOfTheLine() {
    #expect(StandardNormal.logProbability(-.infinity, .infinity) == 0)
    #expect(abs(StandardNormal.logProbability(0, .infinity) - log(0.5)) < 1e-16)
    #expect(abs(StandardNormal.logProbability(-.infinity, -8) - -34.7) < 1)
    #expect(StandardNormal.density(.infinity) == 0)
  }

  @Test(arguments: [
    (1e-300, -37.047096299361199237), (1e-20, -9.2623400897984075737),
    (0.001, -3.0902323061678135415), (0.2, -0.84162123357291420518), (0.5, 0.0),
    (0.9, 1.281551565544600467), (1e-7, -5.1993375821928169316),
  ])
  func quantiles(_ u: Double, _ expected: Double) {
    let found = StandardNormal.quantile(u, complement: 1 - u)
    #expect(abs(found - expected) <= 2e-15 * max(1, abs(expected)))
    #expect(StandardNormal.quantile(1 - u, complement: u) == -found || u == 0.5)
  }
}
