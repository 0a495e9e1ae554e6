import Discrete
import Foundation
import Models
import Testing

@Suite struct ToyTests {
  private static let small: [(String, [String: ParameterValue])] = [
    ("bernoulli-toy", ["t": .number(0.49), "logit": .number(0.7)]),
    ("three-bernoullis", ["eta": .number(-0.4)]),
    ("carms-linear", ["seed": .integer(5)]),
    (
      "quadratic-cubic",
      ["latents": .integer(3), "categories": .integer(4), "logit-scale": .number(0.5)]
    ),
    ("polynomial-programming", ["latents": .integer(6), "p": .number(1.5)]),
    ("test-problem", ["latents": .integer(3), "categories": .integer(2)]),
  ]

  @Test(arguments: small.indices) func gradientsFollowTheCost(index: Int) throws {
    let (kind, parameters) = Self.small[index]
    // Kinked costs are not smooth at their centres; inner points of these toys stay clear of them
    // by more than the difference step.
    try checkOracle(
      problem(kind, parameters).oracle, tolerance: 1e-13, differenceStep: 1e-4,
      gradientTolerance: 1e-7)
  }

  @Test(arguments: small.indices, [0.5, 1, 3]) func closedFormIsTheEnumeratedGradient(
    index: Int, temperature: Double
  ) throws {
    let (kind, parameters) = Self.small[index]
    let problem = try problem(kind, parameters)
    let closed = problem.closedFormGradient(temperature: temperature)
    let isPolynomial = kind == "quadratic-cubic"
    #expect((closed != nil) == (problem.oracle.capabilities.separable || isPolynomial))
    guard let closed else { return }
    let exact = try enumerated(problem, temperature: temperature).gradient
    #expect(relativeDifference(closed, exact) < 1e-13)
  }

  /// Polynomials that no toy covers: an asymmetric matrix whose diagonal blocks are full, several
  /// rows, a likely category, cubic terms of any number.
  @Test(arguments: [0, 1, 3], [1, 2, 5]) func closedFormOfPolynomials(rank: Int, latents: Int)
    throws
  {
    let shape = LayerShape(rows: 2, latents: latents, categories: 3)
    let width = shape.width
    func numbers(_ count: Int, _ step: Double) -> [Double] {
      (0..<count).map { 2 * sin(1 + step * Double($0)) }
    }
    let problem = try CostProblem(
      logits: Logits(shape: shape, values: numbers(shape.count, 1.7).map { 2 * $0 }),
      cost: CubicCost(
        latents: latents, categories: 3, matrix: numbers(width * width, 2.3),
        factors: numbers(rank * width, 0.9)))
    let closed = try #require(problem.closedFormGradient(temperature: 0.8))
    let exact = try (0..<2).flatMap {
      try enumerated(problem, row: $0, temperature: 0.8).gradient
    }
    #expect(relativeDifference(closed, exact) < 1e-13)
  }

  /// Where the sum overflows there is no closed form, and the joint codes say what is wrong.
  @Test func closedFormsAreFinite() throws {
    let problem = try CostProblem(
      logits: Logits(
        shape: LayerShape(rows: 1, latents: 1, categories: 2), values: [0, 0.3]),
      cost: CubicCost(
        latents: 1, categories: 2, matrix: [0, 0, 0, 0], factors: [1e150, -1e150]))
    #expect(problem.closedFormGradient(temperature: 1) == nil)
  }

  @Test func bernoulliToyHasItsTextbookGradient() throws {
    let toy = try problem("bernoulli-toy", ["logit": .number(0.3)])
    let p = 1 / (1 + exp(-0.3))
    let expected = p * (1 - p) * (1 - 2 * 0.45)
    let found = try #require(toy.closedFormGradient(temperature: 1))
    #expect(relativeDifference(found, [-expected, expected]) < 1e-15)
  }

  @Test func polynomialProgrammingHasItsTextbookGradient() throws {
    let toy = try problem("polynomial-programming", ["p": .number(3)])
    #expect(toy.shape == LayerShape(rows: 1, latents: 128, categories: 2))
    #expect(toy.logits.values.allSatisfy { abs($0) <= 0.01 })
    let found = try #require(toy.closedFormGradient(temperature: 1))
    let expected = stride(from: 0, to: 256, by: 2).flatMap { start in
      let p = 1 / (1 + exp(-toy.logits.values[start + 1]))
      let gradient = p * (1 - p) * (pow(0.55, 3) - pow(0.45, 3)) / 128
      return [-gradient, gradient]
    }
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-17 })
  }

  @Test func testProblemHasItsPublishedNumbers() throws {
    let categorical = try enumerated(problem("test-problem"))
    #expect(abs(categorical.value + 0.3124260644891995) < 1e-14)
    #expect(
      relativeDifference(
        categorical.gradient,
        [
          0.018659871358423123, -0.09648535337620981, 0.0778254820177867, -0.049896326241060586,
          -0.000512730568025596, 0.050409056809086195,
        ]) < 1e-14)
    let binary = try enumerated(
      problem("test-problem", ["latents": .integer(3), "categories": .integer(2)]))
    #expect(abs(binary.value - 0.11918201535206442) < 1e-14)
    #expect(
      relativeDifference(
        [binary.gradient[1], binary.gradient[3], binary.gradient[5]],
        [0.005183107036338053, 0.060136699595594506, 0.13855935848633494]) < 1e-14)
    let wide = try enumerated(
      problem("test-problem", ["latents": .integer(2), "categories": .integer(4)]))
    #expect(abs(wide.value + 0.27907179812078026) < 1e-14)
  }

  @Test func carmsProbabilitiesSumToOne() throws {
    let toy = try problem("carms-linear")
    for row in stride(from: 0, to: 9, by: 3) {
      let total = toy.logits.values[row..<row + 3].reduce(0) { $0 + exp($1) }
      #expect(abs(total - 1) < 1e-14)
    }
    let costs = try toy.oracle.costs(ofJointCodes: 0..<27, gradients: false).values
    #expect(costs.first == 3 * (1 + 4 + 7) && costs.last == 3 * (3 + 6 + 9))
  }

  @Test func seedsDecideTheCoefficients() throws {
    for kind in ["carms-linear", "quadratic-cubic", "polynomial-programming"] {
      let first = try problem(kind, ["seed": .integer(3)])
      #expect(try problem(kind, ["seed": .integer(3)]).logits == first.logits)
      #expect(try problem(kind, ["seed": .integer(4)]).logits != first.logits)
    }
  }

  @Test func quadraticCubicRefusesHugeLayers() {
    let text = message {
      _ = try problem(
        "quadratic-cubic", ["latents": .integer(1024), "categories": .integer(1024)])
    }
    #expect(text == "latents x categories must be at most 2048, found 1048576")
  }

  @Test func kindsHaveUniqueNamesAndFindThemselves() {
    let names = ProblemRegistry.all.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy { ProblemRegistry.named($0)?.name == $0 })
    #expect(ProblemRegistry.named("no-such-kind") == nil)
  }

  /// The shared logit's derivative is `s (1 - s) sum_i (1 - 2 p_i)`, and the row Gram is that of the
  /// pull-back: `g^T G g = (pull-back of g)^2`.
  @Test func threeBernoullisShareOneLogit() throws {
    let descriptor = try #require(ProblemRegistry.named("three-bernoullis"))
    let problem = try descriptor.make(
      ResolvedParameters(["eta": .number(-0.4)], specs: descriptor.parameters),
      ProblemEnvironment(baseDirectory: ".", dataDirectories: [], checkpointDirectory: "."))
    let pullback = try #require(problem.pullback)
    #expect(pullback.groups == [ParameterGroup(name: "eta", count: 1)])
    let gradient = try #require(problem.closedFormGradient(temperature: 1))
    let s = 1 / (1 + exp(0.4))
    let expected = s * (1 - s) * (3 - 2 * (0.6 + 0.51 + 0.48))
    #expect(abs(pullback.pullBack(gradient)[0][0] - expected) < 1e-15)
    let vector = [0.3, -1.0, 2.0, 0.5, -0.7, 4.0]
    let gram = pullback.rowGrams(0)[0]
    var form = 0.0
    for i in 0..<6 {
      for j in 0..<6 { form += vector[i] * gram[i * 6 + j] * vector[j] }
    }
    #expect(abs(form - pullback.pullBack(vector)[0][0] * pullback.pullBack(vector)[0][0]) < 1e-12)
  }
}
