namespace MiniDns.Plugins.Pprof;

/// <summary>Figures that belong together.</summary>
/// <param name="Title">What they are about.</param>
/// <param name="Rows">The figures.</param>
internal sealed record DiagSection(string Title, IReadOnlyList<DiagRow> Rows);
