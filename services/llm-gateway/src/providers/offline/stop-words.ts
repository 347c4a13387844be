/** Words that say nothing about a subject (English). */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  `a about above across after again against all almost along already also although always am among an and another any
  are around as at away b back be became because become been before behind being below between both but by c can cannot
  come could d did do does doing done don down during e each either else enough etc even ever every few first for from
  further g gets give given go goes get gets got going got h had has have having he hence her here hers him himself his how however i
  if in instead into is isn it its itself j just k keep l last least less let like ll m made make makes many may me might
  mine more most much must my myself n near need needs neither never next no nor not now o of off often on once one only
  onto or other others otherwise our ours out over own p per perhaps please put q quite r rather re really s said same
  say says see seem seems several shall she should show since so some something still such t take than that the their
  theirs them themselves then there therefore these they thing things this those though through thus to together too
  toward two u under until up upon us use used uses using v ve very via w want was wasn way ways we well were what
  whatever when where whether which while who whole whom whose why will with within without won would x y yet you your
  yours yourself z`.split(/\s+/),
);

/** Words that say what to do with a subject, not what the subject is. */
export const TASK_WORDS: ReadonlySet<string> = new Set(
  `analyse analyze analysis answer answers answering article aspect aspects brief briefly check citation citations cite
  cited cites claim claims clear clearly collect compare comparing comparison concise corpus cover define describe
  describes describing detail detailed details discuss document documents evidence evaluate examine explain explained
  explaining explains explanation fact facts find finding findings gather goal identify information investigate list
  look outline overview paragraph passage passages prepare produce provide question questions read reader
  report reports research researching review search searching section sections short source sources summarise
  summarize summary tell understand word words write writing written`.split(/\s+/),
);

/** Words too common in questions to show by themselves that a sentence answers one. */
export const WEAK_WORDS: ReadonlySet<string> = new Set(
  `best better case cases change common difference different example examples general good great handle handled handles
  happen happens help helps important kind main mean meaning means method new number part parts possible problem process
  reason reasons result results right set simple system systems time times type types value work working works`.split(
    /\s+/,
  ),
);
