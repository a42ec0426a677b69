using MiniDns.Queries;

namespace MiniDns.Plugins.Capabilities;

/// <summary>A plugin that knows something about queries which others may use by name: in log formats, views, rewrites, templates.</summary>
/// <remarks>Nothing is computed until somebody asks, so a source costs nothing where its labels are not used. A value that depends on the
/// question is that of the asked one: sources read <see cref="DnsQuery.AskedName"/> unless their label says otherwise. Values that come into
/// being on the way (the upstream that was asked) are kept in a slot of the query.</remarks>
public interface IMetadataSource
{
    /// <summary>The labels, each <c>plugin/name</c>; a source is asked by a label's place in this list.</summary>
    IReadOnlyList<string> Labels { get; }

    /// <summary>Finds the place of a label, or makes one for a label that cannot be listed because others choose its end.</summary>
    /// <param name="label">The label.</param>
    /// <returns>The place, from 0; -1 when it is none of this source's.</returns>
    int IndexOf(string label)
    {
        for (int i = 0; i < Labels.Count; i++)
        {
            if (Labels[i].Equals(label, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Writes the value of a label. Runs on socket threads: no allocation, no waiting.</summary>
    /// <param name="query">The query.</param>
    /// <param name="label">The label's place (<see cref="IndexOf"/>).</param>
    /// <param name="destination">Takes the value in UTF-8; a value that does not fit is cut off.</param>
    /// <param name="written">How many octets were written.</param>
    /// <returns>False when there is no value for this query.</returns>
    bool TryRead(DnsQuery query, int label, Span<byte> destination, out int written);
}
