import Foundation
import GradientFidelity
import Testing

/// `list estimators` with filters, `describe`, and the page made of them.
@Suite struct CatalogueTests {
  private func listed(_ arguments: String...) throws -> [String] {
    let outcome = try Workplace().run(
      arguments: ["list", "estimators", "--format", "jsonl"] + arguments)
    #expect(outcome.code == 0)
    return outcome.output.split(separator: "\n").compactMap {
      $0.firstMatch(of: /"name": "([^"]*)"/).map { String($0.1) }
    }
  }

  private func names(_ holds: (EstimatorDescriptor, EstimatorFacts) -> Bool) throws -> [String] {
    try Catalogue.standard.estimators.filter {
      holds($0, try #require(EstimatorFacts($0)))
    }.map(\.name)
  }

  @Test func filtersKeepWhatTheySay() throws {
    #expect(try listed("--family", "coupled") == names { d, _ in d.family == .coupled })
    #expect(try listed("--domain", "binary") == names { d, _ in d.domain != .categorical })
    #expect(try listed("--domain", "both") == names { d, _ in d.domain == .both })
    #expect(try listed("--unbiased") == names { d, _ in d.bias == .unbiased })
    #expect(try listed("--needs-gradient") == names { _, facts in facts.gradientCalls > 0 })
    #expect(try listed("--no-gradient") == names { _, facts in facts.gradientCalls == 0 })
    #expect(
      try listed("--max-cost", "2")
        == names { _, facts in facts.calls <= 2 })
    let some = try listed(
      "--unbiased", "--no-gradient", "--max-cost", "2", "--domain", "categorical")
    #expect(
      try some
        == names { d, facts in
          d.bias == .unbiased && facts.gradientCalls == 0 && facts.calls <= 2
            && d.domain != .binary
        })
    #expect(some.contains("reinforce") && !some.contains("disarm") && !some.contains("st"))
  }

  @Test func nothingFoundIsSaid() throws {
    let outcome = try Workplace().run(
      "list", "estimators", "--max-cost", "0", "--unbiased", "--needs-gradient", "--format", "csv")
    #expect(outcome.code == 0)
    #expect(outcome.output == "name,family,domain,bias,exact on,cost,calls,parameters,summary\n")
    #expect(outcome.errors == "no estimator passes all filters; leave one out\n")
  }

  @Test(arguments: [
    (["list", "problems", "--unbiased"], "filters are for `list estimators`; leave them out"),
    (["list", "estimators", "--needs-gradient", "--no-gradient"], "not both"),
    (["list", "estimators", "--max-cost", "-1"], "--max-cost"),
    (["list", "estimators", "--family", "couple"], "coupled"),
    (["describe"], "give a kind, or --all"),
    (["describe", "st", "--all"], "--all describes all; leave the kind out"),
  ])
  func wrongUse(_ arguments: [String], _ message: String) throws {
    let outcome = try Workplace().run(arguments: arguments)
    #expect(outcome.code == 64 && outcome.output.isEmpty)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }

  @Test func describeSaysWhatWasFoundByBuilding() throws {
    let place = try Workplace()
    let disARM = try place.run("describe", "disarm").output
    for line in [
      "domain:     binary", "calls:      2 values per estimate of one row, with the defaults",
      "moments:    exact on layers of few joint codes, sampled elsewhere",
      "invariants: sums to 0 over the categories; unchanged by f + c; a f gives a g; renamed with the categories, in distribution",
    ] { #expect(disARM.contains(line + "\n"), "\(disARM)") }
    let plain = try place.run("describe", "reinforce").output
    #expect(!plain.contains("f + c"))
    let soft = try place.run("describe", "gumbel-softmax").output
    #expect(
      soft.contains(
        "calls:      1 gradient per estimate of one row, with the defaults; needs the cost inside the simplex\n"
      ))
    #expect(soft.contains("moments:    by quadrature on small layers, sampled elsewhere\n"))
    let one = try place.run("describe", "reinmax", "--format", "markdown").output
    #expect(one.hasPrefix("### reinmax\n\n") && one.contains("| `tau` |"))
    let problem = try place.run("describe", "bernoulli-toy", "--format", "markdown").output
    #expect(problem.hasPrefix("### bernoulli-toy\n\n"))
    let all = try place.run("describe", "--all").output
    for name in Catalogue.standard.estimators.map(\.name) { #expect(all.contains("\(name): ")) }
  }

  /// Without a problem nothing can be measured, and the list is the same.
  @Test func listingMeasuresNothing() {
    let bare = Catalogue(estimators: Catalogue.standard.estimators, problems: [])
    let table = CatalogueTable.estimators(.standard)
    #expect(CatalogueTable.estimators(bare) == table && table.rows.count > 20)
    #expect(
      Catalogue.standard.estimators.allSatisfy { EstimatorMoments($0, problems: []) == nil })
  }

  /// What one latent tells of the moments holds for the layer that the calls are of.
  @Test func oneLatentTellsTheMoments() throws {
    for descriptor in EstimatorRegistry.all {
      let layer = try #require(EstimatorFacts(descriptor)).layer
      let moments = try #require(EstimatorMoments(descriptor, problems: ProblemRegistry.all))
      #expect(
        moments
          == EstimatorMoments(
            descriptor, latents: layer.latents, of: layer, problems: ProblemRegistry.all),
        "\(descriptor.name)")
    }
  }

  /// The page is never written by hand.
  @Test func thePageIsUpToDate() throws {
    let page = CatalogueMarkdown.page(.standard)
    let url = Executable.packageRoot.appendingPathComponent("Sources/Estimators/CATALOGUE.md")
    let stored = try String(contentsOf: url, encoding: .utf8)
    #expect(
      stored == page,
      "Sources/Estimators/CATALOGUE.md is not that of the registry; in the package's folder: \(CatalogueMarkdown.command)"
    )
    #expect(try Workplace().run("describe", "--all", "--format", "markdown").output == page)
    for descriptor in Catalogue.standard.estimators {
      #expect(page.contains("\n### \(descriptor.name)\n"))
    }
  }
}
