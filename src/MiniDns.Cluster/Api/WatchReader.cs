using System.Net;
using System.Text.Json;
using MiniDns.Cluster.Objects;

namespace MiniDns.Cluster.Api;

/// <summary>Reads the lines of a watch: <c>{"type":"ADDED","object":{…}}</c>.</summary>
internal static class WatchReader
{
    /// <summary>Reads one.</summary>
    /// <param name="json">The line.</param>
    /// <param name="objects">Reads the object, and knows its name and version then.</param>
    /// <param name="outcome">What became of the object.</param>
    /// <param name="item">The object, if there is one.</param>
    /// <exception cref="ApiFailure">The line is an error.</exception>
    /// <exception cref="JsonException">The line is no JSON.</exception>
    public static WatchEvent Read(ReadOnlySpan<byte> json, ObjectReader objects, out ClusterBuildOutcome outcome, out ClusterObject? item)
    {
        outcome = ClusterBuildOutcome.Invalid;
        item = null;
        var reader = new Utf8JsonReader(json);
        WatchEvent type = WatchEvent.Unknown;
        bool typed = false;
        long objectAt = -1;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new ApiFailure("the watch has something else than an event");
        }

        while (JsonFields.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                type = Type(ref reader);
                typed = true;
            }
            else if (!reader.ValueTextEquals("object"u8))
            {
                reader.Skip();
            }
            else if (typed && type != WatchEvent.Error)
            {
                // As servers write it: what it is comes first.
                reader.Read();
                outcome = objects.Read(ref reader, out item);
            }
            else
            {
                reader.Read();
                objectAt = reader.TokenStartIndex;
                reader.Skip();
            }
        }

        if (objectAt >= 0)
        {
            ReadOnlySpan<byte> rest = json[(int)objectAt..];
            if (type == WatchEvent.Error)
            {
                throw StatusReader.Read(rest[..ValueLength(rest)], HttpStatusCode.InternalServerError, null);
            }

            var late = new Utf8JsonReader(rest[..ValueLength(rest)]);
            late.Read();
            outcome = objects.Read(ref late, out item);
        }

        return type;
    }

    private static int ValueLength(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, isFinalBlock: false, default);
        reader.Read();
        reader.TrySkip();
        return (int)reader.BytesConsumed;
    }

    private static WatchEvent Type(ref Utf8JsonReader reader) => reader.TokenType != JsonTokenType.String ? WatchEvent.Unknown
        : reader.ValueTextEquals("ADDED"u8) || reader.ValueTextEquals("MODIFIED"u8) ? WatchEvent.Put
        : reader.ValueTextEquals("DELETED"u8) ? WatchEvent.Deleted
        : reader.ValueTextEquals("BOOKMARK"u8) ? WatchEvent.Bookmark
        : reader.ValueTextEquals("ERROR"u8) ? WatchEvent.Error
        : WatchEvent.Unknown;
}
