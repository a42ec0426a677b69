using System.Net;
using MiniDns.Configuration;

namespace MiniDns.Server.Inspection;

/// <summary>One HTTP page of a plan.</summary>
/// <param name="Address">Where it is served.</param>
/// <param name="Path">Its path.</param>
/// <param name="Plugin">Whose page it is.</param>
/// <param name="Span">Where the Corefile asks for it.</param>
public sealed record PlannedPage(IPEndPoint Address, string Path, string Plugin, SourceSpan Span);
