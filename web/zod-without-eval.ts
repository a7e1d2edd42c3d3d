// Must be imported first: keeps zod from compiling parsers with `new Function`, which a strict content policy reports.
import { z } from "zod";

z.config({ jitless: true });
