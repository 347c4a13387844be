/** Addresses may hold a name and a password, or a token: they are nobody's business. */
export const withoutPassword = (text: string): string => text.replace(/\/\/[^@/\s]*@/g, '//');
