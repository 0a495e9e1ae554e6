import Discrete
import Estimators
import Fidelity
import Models
import Tensors
import Testing

/// The lists of metrics and intervals against what stores and studies have held since 0.1.0.
@Suite struct MetricListTests {
  /// Names in the order in which numbers of a cell are stored, by unit.
  private static let names = """
    bias_sq rel_bias variance variance_mean mse rmse_1 rmse_10 rmse_100 rmse_1000 snr cos_mean cos_draw scale \
    scale_free_bias target_norm target_error_sq target_error_ratio estimate_norm reinmax_bias_target \
    reinmax_bias_mean reinmax_std_mean reinmax_cos gap_latent gap_latent_rel gap_logits gap_logits_rel gap_layer \
    gap_layer_rel gap_bypass_latent gap_bypass_latent_rel gap_bypass_layer gap_bypass_layer_rel gap_bypass_row \
    gap_bypass_row_rel value_calls gradient_calls mse_cost
    """.split(separator: " ").map(String.init)

  /// Those of the known names for which something holds; newer metrics are free.
  private func metrics(_ holds: (Metric) -> Bool) -> [String] {
    Metric.allCases.filter { Self.names.contains($0.rawValue) && holds($0) }.map(\.rawValue)
  }

  @Test func namesAndOrderAreKept() {
    #expect(metrics { _ in true } == Self.names)
    #expect(Set(Self.names).count == 37)
    for metric in Metric.allCases {
      #expect(Metric(rawValue: metric.rawValue) == metric)
      #expect(!metric.definition.isEmpty && !metric.definition.contains("\n"))
    }
    #expect(Metric(rawValue: "bias") == nil && Metric(rawValue: "") == nil)
    let sampled = ["cos_draw", "target_error_ratio"]
    let moments = Self.names.prefix(22).filter { !sampled.contains($0) }
    #expect(metrics(Metric.ofMoments.contains) == moments)
    #expect(metrics(Metric.paired.contains) == moments + ["mse_cost"])
  }

  @Test func unitsAreKept() {
    let known = Metric.allCases.filter { Self.names.contains($0.rawValue) }
    let units = Dictionary(grouping: known, by: \.unit).mapValues { $0.map(\.rawValue) }
    #expect(
      units["gradient^2"] == ["bias_sq", "variance", "variance_mean", "mse", "target_error_sq"])
    #expect(units["gradient^2 x calls"] == ["mse_cost"])
    #expect(
      units["gradient"] == [
        "target_norm", "estimate_norm", "gap_logits", "gap_layer", "gap_bypass_latent",
        "gap_bypass_layer", "gap_bypass_row",
      ])
    #expect(units["cost"] == ["gap_latent"])
    #expect(units["calls"] == ["value_calls", "gradient_calls"])
    #expect(units["1"]?.count == 21)
    #expect(units.count == 6)
  }

  @Test func flagsAreKept() {
    let errors = ["rmse_1", "rmse_10", "rmse_100", "rmse_1000"]
    let verbatim = ["reinmax_bias_target", "reinmax_bias_mean", "reinmax_std_mean", "reinmax_cos"]
    #expect(metrics { !$0.debiased } == verbatim)
    #expect(metrics { $0.largerIsBetter } == ["snr", "cos_mean", "cos_draw", "reinmax_cos"])
    #expect(metrics { $0.isBias } == ["bias_sq", "rel_bias", "scale_free_bias"])
    #expect(
      metrics { $0.descriptor.isRatio } == ["snr", "cos_mean", "scale", "scale_free_bias"])
    let roots: [String] =
      ["rel_bias"] + errors + ["scale_free_bias", "target_norm", "estimate_norm"]
    #expect(metrics { $0.descriptor.isRoot } == roots)
    var sizes = roots + verbatim.dropLast()
    sizes.insert(contentsOf: ["variance", "variance_mean"], at: 1)
    #expect(metrics { $0.descriptor.cannotBeNegative } == sizes)
    let spreads: [String] = ["variance", "variance_mean", "mse"] + errors
    let last = ["snr", "reinmax_std_mean", "mse_cost"]
    #expect(metrics { $0.descriptor.dependsOnVariance } == spreads + last)
    #expect(
      metrics { $0.descriptor.unseen.isOfDirection }
        == ["cos_mean", "scale_free_bias", "reinmax_cos"])
    #expect(
      metrics { $0.isApproximate(draws: 255) } == [
        "variance", "variance_mean", "mse", "rmse_1", "reinmax_bias_mean", "gap_latent_rel",
        "gap_logits_rel",
      ])
    #expect(
      metrics { $0.isApproximate(draws: 1 << 40) }
        == ["reinmax_bias_mean", "gap_latent_rel", "gap_logits_rel"])
    #expect(
      metrics { !$0.descriptor.isCovered } == [
        "target_error_sq", "target_error_ratio", "value_calls", "gradient_calls", "mse_cost",
      ])
  }

  @Test func intervalNamesAreKept() {
    #expect(
      IntervalMethod.all.prefix(7).map(\.name) == [
        "exact", "quadrature-step", "score-t", "fieller-t", "log-t", "student-t", "jackknife-t",
      ])
    #expect(
      IntervalMethod.all.prefix(7).filter(\.isBound).map(\.name) == ["exact", "quadrature-step"])
  }

  /// Every number of a session, drawn or summed, against sampled and exact targets, has an interval of the list.
  @Test(arguments: [MomentsChoice.exact, .monteCarlo], [TargetKind.exact, .monteCarlo])
  func intervalsAreOfTheList(_ moments: MomentsChoice, _ target: TargetKind) throws {
    let session = FidelitySession(
      problem: try registered("test-problem"), target: TargetSettings(kind: target, draws: 256),
      measure: MeasureSettings(moments: moments, draws: 128, blocks: 16), key: RandomKey(seed: 6))
    let numbers = try session.run(Zoo.requests()).flatMap { try $0.get().numbers }
    #expect(numbers.count > 20)
    let unknown = numbers.filter { IntervalMethod.named($0.interval) == nil }
    #expect(unknown.isEmpty)
  }
}
