/// Differences of the cost's gradient at two points, by `PerDrawStatistics` and `BypassGap`.
extension Metric {
  public static let gapLatent = gap(
    "gap_latent", unit: .cost, "mean over draws of ||df/dz(z) - df/dz(s)||, hard z, coupled soft s")
  // The mean of a relative gap need not exist where the soft point's gradient can vanish.
  public static let gapLatentRelative = gap(
    "gap_latent_rel", "gap_latent's difference divided by ||df/dz(s)||, draw by draw",
    fewestDraws: .max)
  public static let gapLogits = gap(
    "gap_logits", unit: .gradient,
    "the difference of gap_latent pulled back to the logits by the estimator")
  public static let gapLogitsRelative = gap(
    "gap_logits_rel", "gap_logits' difference divided by the soft point's pull-back",
    fewestDraws: .max)
  public static let gapLayer = gap(
    "gap_layer", unit: .gradient,
    "the difference of gap_logits pulled back to the parameters of the scope")
  public static let gapLayerRelative = gap(
    "gap_layer_rel", "gap_layer's difference divided by the soft point's pull-back")
  public static let gapBypassLatent = gap(
    "gap_bypass_latent", unit: .gradient,
    "class D: (1/B) ||df/dz(z_q) - df/dz(z_e)||, quantised against bypassed")
  public static let gapBypassLatentRelative = gap(
    "gap_bypass_latent_rel", "gap_bypass_latent's difference divided by ||df/dz(z_e)||")
  public static let gapBypassLayer = gap(
    "gap_bypass_layer", unit: .gradient,
    "the difference of gap_bypass_latent pulled back to the parameters of the scope")
  public static let gapBypassLayerRelative = gap(
    "gap_bypass_layer_rel", "gap_bypass_layer's difference divided by the bypassed pull-back")
  public static let gapBypassRow = gap(
    "gap_bypass_row", unit: .gradient, "mean over rows of one row's own bypass gap, without 1/B")
  public static let gapBypassRowRelative = gap(
    "gap_bypass_row_rel", "mean over rows of one row's own relative bypass gap")

  private static func gap(
    _ name: String, unit: MetricUnit = .none, _ definition: String, fewestDraws: Int = 0
  ) -> Metric {
    Metric(MetricDescriptor(name, unit: unit, definition, fewestDraws: fewestDraws))
  }
}
