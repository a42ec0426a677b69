namespace MiniDns.Plugins.Pprof;

/// <summary>A figure on a page.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">The figure.</param>
/// <param name="Unit">What it counts; empty for things.</param>
/// <param name="Note">More about it, such as labels; empty for nothing.</param>
internal sealed record DiagRow(string Name, double Value, string Unit = "", string Note = "");
