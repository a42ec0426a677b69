using System.Text.Json;

namespace MiniDns.Cluster.Api;

/// <summary>Room for the texts of an object while it is read: for the one that is looked at, and for one that must outlive the next.</summary>
internal sealed class ObjectTexts
{
    private const int Longest = 4096;

    private readonly byte[] _text = new byte[Longest];
    private readonly byte[] _other = new byte[Longest];

    /// <summary>The room for the one that is kept.</summary>
    public Span<byte> Other => _other;

    /// <summary>The text of the property that the reader stands on, good until the next; empty when it is no text.</summary>
    public ReadOnlySpan<byte> Next(ref Utf8JsonReader reader) => JsonFields.Text(ref reader, _text);

    /// <summary>The text that the reader stands on, good until the next; empty when it is no text.</summary>
    public ReadOnlySpan<byte> Here(ref Utf8JsonReader reader) => JsonFields.Here(ref reader, _text);

    /// <summary>Keeps a text that must outlive the next one.</summary>
    /// <returns>Its length; 0 when it is too long to be of use.</returns>
    public int Keep(ReadOnlySpan<byte> text) => JsonFields.Keep(text, _other);

    /// <summary>The text that was kept.</summary>
    public ReadOnlySpan<byte> Kept(int length) => _other.AsSpan(0, length);
}
