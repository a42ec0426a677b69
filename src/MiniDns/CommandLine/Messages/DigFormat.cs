using System.Globalization;
using MiniDns.Protocol.Messages;

namespace MiniDns.CommandLine.Messages;

/// <summary>Prints a response as dig does.</summary>
internal static class DigFormat
{
    private const int TabWidth = 8;

    /// <summary>Prints a whole response: header, OPT, sections.</summary>
    public static void Write(TextWriter output, MessageText message)
    {
        DnsHeader header = message.Header;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $";; ->>HEADER<<- opcode: {DnsOpcodeText.Format(header.Opcode)}, status: {DnsResponseCodeText.Format(message.Code)}, id: {header.Id}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $";; flags: {string.Join(' ', message.Flags)}; QUERY: {header.QuestionCount}, ANSWER: {header.AnswerCount}, AUTHORITY: {header.AuthorityCount}, ADDITIONAL: {header.AdditionalCount}"));
        if (message.IsMalformed)
        {
            output.WriteLine(";; WARNING: the message is malformed; this is what could be read");
        }

        output.WriteLine();
        if (message.Edns.IsPresent)
        {
            output.WriteLine(";; OPT PSEUDOSECTION:");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"; EDNS: version: {message.Edns.Version}, flags:{(message.Edns.DnssecOk ? " do" : "")}; udp: {message.Edns.UdpPayloadSize}"));
            foreach ((string name, string value) in message.Options)
            {
                output.WriteLine($"; {name}: {value}");
            }
        }

        if (message.Questions.Count > 0)
        {
            output.WriteLine(";; QUESTION SECTION:");
            foreach ((string name, string @class, string type) in message.Questions)
            {
                output.WriteLine(Columns(";" + name, "", @class, type));
            }

            output.WriteLine();
        }

        Write(output, "ANSWER", message.Answers);
        Write(output, "AUTHORITY", message.Authorities);
        Write(output, "ADDITIONAL", message.Additionals);
    }

    /// <summary>Prints nothing but the data of the answers.</summary>
    public static void WriteShort(TextWriter output, MessageText message)
    {
        foreach (MessageRecord record in message.Answers)
        {
            output.WriteLine(record.Data);
        }
    }

    private static void Write(TextWriter output, string section, IReadOnlyList<MessageRecord> records)
    {
        if (records.Count == 0)
        {
            return;
        }

        output.WriteLine($";; {section} SECTION:");
        foreach (MessageRecord record in records)
        {
            output.WriteLine(Columns(record.Owner, record.Ttl.ToString(CultureInfo.InvariantCulture), record.Class, record.Type) + "\t" + record.Data);
        }

        output.WriteLine();
    }

    /// <summary>Owner, TTL, class and type in columns that start at 24, 32 and 40; a word that is too long pushes the next one on.</summary>
    private static string Columns(string owner, string ttl, string @class, string type)
    {
        var line = new System.Text.StringBuilder(owner);
        int column = owner.Length;
        foreach ((string word, int at) in ((string, int)[])[(ttl, 24), (@class, 32), (type, 40)])
        {
            if (column >= at)
            {
                line.Append(' ');
                column++;
            }

            while (column < at)
            {
                line.Append('\t');
                column += TabWidth - (column % TabWidth);
            }

            line.Append(word);
            column += word.Length;
        }

        return line.ToString();
    }
}
