using System.Net;
using MiniDns.Configuration;

namespace MiniDns.Server.Building.Lint;

/// <summary>Finds upstreams that were meant to be addresses: numbers and dots, and yet no address, so they are looked up as names.</summary>
internal sealed class NumericHostRule : ILintRule
{
    /// <inheritdoc/>
    public void Check(LintContext context)
    {
        foreach (CorefileToken upstream in context.Directives("forward").SelectMany(d => d.Arguments.Skip(1)))
        {
            string host = upstream.Text.Contains("://", StringComparison.Ordinal) ? upstream.Text[(upstream.Text.IndexOf("://", StringComparison.Ordinal) + 3)..] : upstream.Text;
            host = AddressText.TrySplitHostPort(host, out string before, out _) ? before : host;
            if (host.Length > 0 && host.All(c => char.IsAsciiDigit(c) || c == '.') && !IPAddress.TryParse(host, out _) && !File.Exists(host))
            {
                context.Diagnostics.Error(upstream.Span, $"forward: '{upstream.Text}' is not an IP address; no host has a name like that");
            }
        }
    }
}
