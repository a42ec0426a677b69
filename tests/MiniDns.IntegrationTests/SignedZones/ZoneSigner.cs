using System.Globalization;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.SignedZones;

/// <summary>Signs zones with new keys, each zone with a key that signs the keys and one that signs the rest.</summary>
internal sealed class ZoneSigner(TestDirectory directory, Signer signer, Denial denial, int algorithm)
{
    /// <summary>Signs a zone.</summary>
    /// <param name="origin">Its name, without the last dot.</param>
    /// <param name="text">Its records; <c>$ORIGIN</c> is set by this.</param>
    public async Task<SignedZone> SignAsync(string origin, string text)
    {
        directory.Write(origin + ".unsigned", $"$ORIGIN {origin}.\n$TTL 3600\n{text}");
        string file = directory[Path.Combine("signed", origin)];
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await (signer == Signer.Bind ? SignWithBindAsync(origin, file) : SignWithKnotAsync(origin, file));

        // "signed.example. IN DS 23681 8 2 6367161F…"
        ToolResult ds = (await RunAsync("dnssec-dsfromkey", "-2", "-f", file, origin)).Succeeded();
        return new SignedZone(origin, file, string.Join(' ', Assert.Single(ds.Lines).Split(' ')[3..]));
    }

    private Task<ToolResult> RunAsync(string program, params IReadOnlyList<string> arguments) => Tool.RunInAsync(directory.Path, program, arguments);

    private async Task SignWithBindAsync(string origin, string file)
    {
        string number = algorithm.ToString(CultureInfo.InvariantCulture);
        IReadOnlyList<string> size = algorithm == 8 ? ["-b", "2048"] : [];
        (await RunAsync("dnssec-keygen", ["-q", "-a", number, .. size, "-f", "KSK", origin])).Succeeded();
        (await RunAsync("dnssec-keygen", ["-q", "-a", number, .. size, origin])).Succeeded();
        IReadOnlyList<string> chain = denial switch
        {
            Denial.Nsec3 => ["-3", "-", "-H", "0"],
            Denial.OptOut => ["-3", "671BCFAE", "-H", "5", "-A"],
            _ => [],
        };
        (await RunAsync("dnssec-signzone", ["-S", .. chain, "-o", origin, "-f", file, origin + ".unsigned"])).Succeeded();
    }

    private async Task SignWithKnotAsync(string origin, string file)
    {
        string chain = denial switch
        {
            Denial.Nsec3 => "nsec3: on\n    nsec3-iterations: 0\n    nsec3-salt-length: 0",
            Denial.OptOut => "nsec3: on\n    nsec3-opt-out: on\n    nsec3-iterations: 5\n    nsec3-salt-length: 4",
            _ => "nsec3: off",
        };
        string name = algorithm switch
        {
            8 => "rsasha256",
            13 => "ecdsap256sha256",
            15 => "ed25519",
            _ => throw new InvalidOperationException($"algorithm {algorithm}"),
        };
        string configuration = directory.Write(origin + ".knot.conf", $"""
            server:
                rundir: {directory.Path}
            database:
                storage: {directory[origin + ".keys"]}
            policy:
              - id: signing
                algorithm: {name}
                {chain}
            zone:
              - domain: {origin}
                storage: {directory.Path}
                file: {origin}.unsigned
                dnssec-signing: on
                dnssec-policy: signing
            """);
        Directory.CreateDirectory(directory[origin + ".keys"]);
        string signed = Path.GetDirectoryName(file)!;
        (await RunAsync("kzonesign", "-c", configuration, "-o", signed, origin)).Succeeded();
        File.Move(Path.Combine(signed, origin + ".unsigned"), file);
    }
}
