using MiniDns.Configuration;
using MiniDns.Protocol.Presentation;
using MiniDns.Protocol.Records;
using MiniDns.Protocol.Security;

namespace MiniDns.Plugins.Dnssec;

/// <summary>Reads the two files of a key of BIND's <c>dnssec-keygen</c>. No message holds anything of the private one.</summary>
/// <param name="diagnostics">Takes what is wrong, with its place in the file.</param>
internal sealed class KeyFiles(ConfigDiagnostics diagnostics)
{
    /// <summary>The largest file, in octets.</summary>
    private const int MaxFileLength = 64 * 1024;

    /// <summary>What a record without a TTL has, in seconds. As in CoreDNS.</summary>
    private const uint DefaultTtl = 3600;

    /// <summary>The path of a key's files without what they end with.</summary>
    /// <param name="path">The path, or that of either file.</param>
    public static string BaseOf(string path) =>
        path.EndsWith(".key", StringComparison.Ordinal) ? path[..^4] : path.EndsWith(".private", StringComparison.Ordinal) ? path[..^8] : path;

    /// <summary>Reads a key.</summary>
    /// <param name="line">The property, for errors that concern a whole file.</param>
    /// <param name="basePath">The path (<see cref="BaseOf"/>).</param>
    /// <returns>Null after an error.</returns>
    public SigningKey? Read(DirectiveReader line, string basePath)
    {
        string publicPath = basePath + ".key";
        string privatePath = basePath + ".private";
        byte[]? publicText = ReadFile(line, publicPath);
        byte[]? privateText = ReadFile(line, privatePath);
        if (publicText is null || privateText is null)
        {
            return null;
        }

        ZoneFileReader? record = ReadRecord(publicPath, publicText);
        var text = PrivateKeyText.Read(System.Text.Encoding.UTF8.GetString(privateText), out IReadOnlyList<(int, int, string)> problems);
        foreach ((int row, int column, string message) in problems)
        {
            Error(privatePath, (row, column), message);
        }

        if (record is null || problems.Count > 0)
        {
            return null;
        }

        if (SigningKey.TryCreate(record.Owner.ToName(), record.Ttl, record.Rdata, text, out SigningKey? key, out string? field, out string? error))
        {
            return key;
        }

        if (field is null)
        {
            Error(publicPath, (record.Line, record.Column), error);
        }
        else
        {
            Error(privatePath, text.PlaceOf(field), error);
        }

        return null;
    }

    /// <summary>Reads the file of the public key.</summary>
    /// <returns>A reader that stands at the DNSKEY record; null after an error.</returns>
    private ZoneFileReader? ReadRecord(string path, byte[] text)
    {
        var reader = new ZoneFileReader(text, new ZoneFileOptions { FileName = path, DefaultTtl = DefaultTtl });
        bool isThere = reader.TryRead();
        foreach (ZoneFileError problem in reader.Errors)
        {
            Error(path, (problem.Line, problem.Column), problem.Message);
        }

        if (reader.Errors.Count > 0)
        {
            return null;
        }

        if (isThere && reader.Type == DnsRecordType.DNSKEY && reader.Class == DnsRecordClass.IN)
        {
            return reader;
        }

        Error(path, isThere ? (reader.Line, reader.Column) : (1, 1), "a DNSKEY record is expected, as dnssec-keygen writes it");
        return null;
    }

    private static byte[]? ReadFile(DirectiveReader line, string path)
    {
        try
        {
            if (new FileInfo(path).Length <= MaxFileLength)
            {
                return File.ReadAllBytes(path);
            }

            line.Error($"{path} is larger than {MaxFileLength} octets");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            line.Error($"{path} cannot be read: {e.Message}");
        }

        return null;
    }

    private void Error(string path, (int Line, int Column) place, string message) =>
        diagnostics.Error(new SourceSpan(path, place.Line, place.Column, 1), "dnssec: " + message);
}
